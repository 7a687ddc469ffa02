# Runs one server and outlives nobody. The JVM holds the other end of this shell's standard input; when the JVM ends in
# any way, kill -9 included, the kernel closes that pipe, `read` returns, and the server is taken down.
#
#   sh -c "$(cat guard.sh)" guard PID_FILE LOG_FILE SCRATCH LAST_SIGNAL command...
#
# stdin:  a signal's name (INT, STOP, …) is sent to the server; `end` dismisses the guard once the server has ended.
# stdout: `pid N` when the server runs, `exit CODE` when it has ended.
pid_file=$1 log_file=$2 scratch=$3 last_signal=$4
shift 4

# Ctrl-C and a hang-up reach everything in a terminal's group. Only the pipe decides here.
trap '' HUP INT TERM

(
  "$@" </dev/null >>"$log_file" 2>&1 &
  server=$!
  echo "$server" >"$pid_file"
  echo "pid $server"
  wait "$server"
  code=$?
  rm -f "$pid_file"
  echo "exit $code"
) 2>/dev/null &
supervisor=$!

while read -r word; do
  case $word in
  end) exit 0 ;;
  *) [ ! -s "$pid_file" ] || kill -s "$word" "$(cat "$pid_file")" 2>/dev/null ;;
  esac
done

# End of input without `end`: the JVM is gone. Three seconds for the polite way, then the other one.
# A drill may have paused the server and its processes, and the paused hear nothing.
if [ -s "$pid_file" ]; then
  server=$(cat "$pid_file")
  # shellcheck disable=SC2046 # One word a process.
  kill -s CONT "$server" $(cat "/proc/$server/task/$server/children" 2>/dev/null) 2>/dev/null
fi
tries=0
while [ "$tries" -lt 60 ] && kill -0 "$supervisor" 2>/dev/null; do
  [ "$tries" -lt 30 ] || last_signal=KILL
  [ ! -s "$pid_file" ] || kill -s "$last_signal" "$(cat "$pid_file")" 2>/dev/null
  tries=$((tries + 1))
  sleep 0.1
done
# Several guards may delete the same scratch folder at once; the last one to get here finds no server writing to it.
[ -z "$scratch" ] || rm -rf "$scratch" 2>/dev/null
