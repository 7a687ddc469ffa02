# Runs a service that must not outlive the program that started it.
#
#   sh -c "$(cat service-guard.sh)" guard LOG COMMAND...
#
# Prints the service's process id, and ends with the service's exit code. Standard input is the leash: each line on it is
# the name of a signal for the service; its end means that the program has died, and the service is taken down.
log=$1
shift
# Ctrl-C reaches every process of the terminal. The program decides in which order things end, so nobody else listens.
trap '' INT HUP
exec 3<&0 4>&1
"$@" </dev/null >>"$log" 2>&1 3<&- 4>&- &
service=$!
echo "$service" >&4
(
  exec 4>&- >/dev/null
  while read -r signal <&3; do
    kill -s "$signal" "$service" 2>/dev/null
  done
  # A paused service takes no TERM before it continues.
  kill -s TERM "$service" 2>/dev/null
  kill -s CONT "$service" 2>/dev/null
  # Ten seconds to end in order; a service that hangs gets no more.
  rest=100
  while [ "$rest" -gt 0 ] && kill -s 0 "$service" 2>/dev/null; do
    sleep 0.1
    rest=$((rest - 1))
  done
  kill -s KILL "$service" 2>/dev/null
) &
leash=$!
exec 3<&- 4>&-
wait "$service"
code=$?
kill -s KILL "$leash" 2>/dev/null
exit "$code"
