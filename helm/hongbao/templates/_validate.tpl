{{/*
What no schema can say: values that contradict each other. All faults are told at once, each with what to do, before
anything reaches the cluster.
*/}}

{{/* A list of logical databases, "00-02,07", as numbers separated by blanks; "none" has none. The schema sees to its form. */}}
{{- define "hongbao.suffixes" -}}
{{- range $part := splitList "," . -}}
{{- $part = nospace $part -}}
{{- if and $part (ne $part "none") -}}
{{- $ends := splitList "-" $part -}}
{{- $first := first $ends | trimPrefix "0" | default "0" | int -}}
{{- $last := last $ends | trimPrefix "0" | default "0" | int -}}
{{- range $database := untilStep $first (add1 $last | int) 1 }} {{ $database }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hongbao.validate" -}}
{{- $v := .Values -}}
{{- $errors := list -}}
{{- $region := int64 $v.region -}}
{{- if and (ne $region 1) (ne $region 2) -}}
{{- $errors = append $errors (printf "region is %d; set it to 1 (north) or 2 (south), or start from values-north.yaml or values-south.yaml" $region) -}}
{{- end -}}

{{- if not $v.sets -}}
{{- $errors = append $errors "sets is empty; list at least one SET" -}}
{{- end -}}
{{- $owners := dict -}}
{{- $names := dict -}}
{{- range $set := $v.sets -}}
{{- if hasKey $names $set.name -}}
{{- $errors = append $errors (printf "two SETs are named %s" $set.name) -}}
{{- end -}}
{{- $_ := set $names $set.name true -}}
{{- range $what := list "range" "active" -}}
{{- range $part := splitList "," (default "" (index $set $what)) -}}
{{- $ends := splitList "-" (nospace $part) -}}
{{- if and (ne $part "none") (gt (first $ends | trimPrefix "0" | default "0" | int) (last $ends | trimPrefix "0" | default "0" | int)) -}}
{{- $errors = append $errors (printf "SET %s: %s %q descends" $set.name $what $part) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $range := include "hongbao.suffixes" (default "" $set.range) | trim | splitList " " | uniq -}}
{{- if not (first $range) -}}
{{- $errors = append $errors (printf "SET %s serves no database; give it a range" $set.name) -}}
{{- else -}}
{{- $claimed := dict -}}
{{- range $database := $range -}}
{{- if hasKey $owners $database -}}
{{- $other := get $owners $database -}}
{{- $_ := set $claimed $other (append (default list (get $claimed $other)) $database) -}}
{{- else -}}
{{- $_ := set $owners $database $set.name -}}
{{- end -}}
{{- end -}}
{{- range $other, $databases := $claimed -}}
{{- $errors = append $errors (printf "databases %s are claimed by SET %s and by SET %s; every database belongs to one SET" (join "," $databases) $other $set.name) -}}
{{- end -}}
{{- $outside := list -}}
{{- range $database := include "hongbao.suffixes" (default "" $set.active) | trim | splitList " " -}}
{{- if and $database (not (has $database $range)) -}}
{{- $outside = append $outside $database -}}
{{- end -}}
{{- end -}}
{{- if $outside -}}
{{- $errors = append $errors (printf "SET %s: active databases %s are outside its range %q" $set.name (join "," $outside) $set.range) -}}
{{- end -}}
{{- end -}}
{{- if not $set.existingSecret -}}
{{- $errors = append $errors (printf "SET %s: existingSecret is missing; name the Secret with its user and password" $set.name) -}}
{{- end -}}
{{- $errors = concat $errors (include "hongbao.urlFaults" (dict "what" (printf "SET %s: url" $set.name) "url" $set.url "scheme" "postgresql") | fromJsonArray) -}}
{{- end -}}

{{- range $name := list "control" "ledger" "records" "cold" -}}
{{- $database := index $v.databases $name -}}
{{- $errors = concat $errors (include "hongbao.urlFaults" (dict "what" (printf "databases.%s.url" $name) "url" $database.url "scheme" "postgresql") | fromJsonArray) -}}
{{- if not $database.existingSecret -}}
{{- $errors = append $errors (printf "databases.%s.existingSecret is missing; name the Secret with its user and password" $name) -}}
{{- end -}}
{{- end -}}

{{- range $host := splitList "," (default "" $v.redis.hosts) -}}
{{- $errors = concat $errors (include "hongbao.urlFaults" (dict "what" "redis.hosts" "url" $host "scheme" "rediss?") | fromJsonArray) -}}
{{- end -}}
{{- if not $v.kafka.bootstrapServers -}}
{{- $errors = append $errors "kafka.bootstrapServers is missing" -}}
{{- end -}}

{{- $ids := list -}}
{{- range $key := $v.tickets.keys -}}
{{- $id := int64 $key.id -}}
{{- if has $id $ids -}}
{{- $errors = append $errors (printf "tickets.keys has id %d twice" $id) -}}
{{- end -}}
{{- $ids = append $ids $id -}}
{{- if not $key.existingSecret -}}
{{- $errors = append $errors (printf "tickets.keys: key %d has no existingSecret" $id) -}}
{{- end -}}
{{- end -}}
{{- if not $ids -}}
{{- $errors = append $errors "tickets.keys is empty; name the Secret of at least one key" -}}
{{- else if not (has (int64 $v.tickets.signingKey) $ids) -}}
{{- $errors = append $errors (printf "tickets.signingKey is %d, which is not among tickets.keys" (int64 $v.tickets.signingKey)) -}}
{{- end -}}
{{- $ids = list -}}
{{- range $key := $v.text.keys -}}
{{- $id := int64 $key.id -}}
{{- if has $id $ids -}}
{{- $errors = append $errors (printf "text.keys has id %d twice" $id) -}}
{{- end -}}
{{- $ids = append $ids $id -}}
{{- if not $key.existingSecret -}}
{{- $errors = append $errors (printf "text.keys: key %d has no existingSecret" $id) -}}
{{- end -}}
{{- end -}}
{{- if not $ids -}}
{{- $errors = append $errors "text.keys is empty; name the Secret of at least one key, with which greetings are encrypted" -}}
{{- else if not (has (int64 $v.text.writingKey) $ids) -}}
{{- $errors = append $errors (printf "text.writingKey is %d, which is not among text.keys" (int64 $v.text.writingKey)) -}}
{{- end -}}
{{- if not $v.pageToken.existingSecret -}}
{{- $errors = append $errors "pageToken.existingSecret is missing" -}}
{{- end -}}

{{- range $key, $service := include "hongbao.catalog" . | fromYaml -}}
{{- $settings := index $v.services $key -}}
{{- $min := include "hongbao.replicasMin" (dict "root" $ "key" $key) | int64 -}}
{{- $max := include "hongbao.replicasMax" (dict "root" $ "key" $key) | int64 -}}
{{- if and $v.autoscaling.enabled (lt $max $min) -}}
{{- $errors = append $errors (printf "services.%s.replicasMax is %d, below the %d pods that it has at least" $key $max $min) -}}
{{- end -}}
{{- if lt (int64 $settings.load.extremePerSecond) (int64 $settings.load.peakPerSecond) -}}
{{- $errors = append $errors (printf "services.%s.load: extremePerSecond is below peakPerSecond" $key) -}}
{{- end -}}
{{- range $name, $value := $settings.config -}}
{{- if regexMatch "(?i)(password|secret|hongbao\\.(tickets|text|assertion)\\.keys)" $name -}}
{{- $errors = append $errors (printf "services.%s.config has %s; secrets come by existingSecret or extraEnv with secretKeyRef only" $key $name) -}}
{{- end -}}
{{- if regexMatch "^(hongbao\\.sets|hongbao\\.region)" $name -}}
{{- $errors = append $errors (printf "services.%s.config has %s, which region and sets decide for all services alike" $key $name) -}}
{{- end -}}
{{- if regexMatch "^(hongbao\\.tls\\.|quarkus\\.grpc\\.server\\.ssl|quarkus\\.(grpc\\.server|management)\\.port)" $name -}}
{{- $errors = append $errors (printf "services.%s.config has %s, which this chart sets itself; for TLS see tls" $key $name) -}}
{{- end -}}
{{- end -}}
{{- range $settings.extraEnv -}}
{{- if and (hasKey . "value") (regexMatch "(?i)(PASSWORD|SECRET|TICKETS_KEYS|TEXT_KEYS|ASSERTION_KEYS)" .name) -}}
{{- $errors = append $errors (printf "services.%s.extraEnv has %s with a value; use valueFrom.secretKeyRef" $key .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $v.autoscaling.keda.enabled (not $v.autoscaling.enabled) -}}
{{- $errors = append $errors "autoscaling.keda.enabled needs autoscaling.enabled" -}}
{{- end -}}

{{- if and $v.reconciliation.enabled (not $v.reconciliation.control.existingSecret) -}}
{{- $errors = append $errors "reconciliation.control.existingSecret is missing; name the Secret of a login that may write findings, role hongbao_operator" -}}
{{- end -}}
{{- if and $v.reconciliation.enabled $v.reconciliation.stock (contains "," $v.redis.hosts) -}}
{{- $errors = append $errors "reconciliation.stock needs one server in redis.hosts; set it to false for a cluster" -}}
{{- end -}}

{{- $least := add (int64 $v.drain.preStopSeconds) 10 -}}
{{- if lt (int64 $v.drain.terminationGracePeriodSeconds) $least -}}
{{- $errors = append $errors (printf "drain.terminationGracePeriodSeconds is %d; with preStopSeconds %d it is at least %d, or pods are killed with opens in their queues" (int64 $v.drain.terminationGracePeriodSeconds) (int64 $v.drain.preStopSeconds) $least) -}}
{{- end -}}

{{- if and $v.traces.enabled (not $v.traces.endpoint) -}}
{{- $errors = append $errors "traces.enabled needs traces.endpoint, the address of a collector" -}}
{{- end -}}
{{- if and $v.traces.enabled $v.networkPolicy.enabled (not $v.networkPolicy.collector.peers) -}}
{{- $errors = append $errors "networkPolicy.collector.peers is empty, so no span could reach the collector; list its addresses, or set traces.enabled=false" -}}
{{- end -}}
{{- if $v.networkPolicy.enabled -}}
{{- range $store := list "postgresql" "redis" "kafka" -}}
{{- if not (index $v.networkPolicy $store).peers -}}
{{- $errors = append $errors (printf "networkPolicy.%s.peers is empty, so no service could reach it; list its addresses, or set networkPolicy.enabled=false" $store) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $ids := list -}}
{{- range $key := $v.assertion.keys -}}
{{- $id := int64 $key.id -}}
{{- if has $id $ids -}}
{{- $errors = append $errors (printf "assertion.keys has id %d twice" $id) -}}
{{- end -}}
{{- $ids = append $ids $id -}}
{{- if not $key.existingSecret -}}
{{- $errors = append $errors (printf "assertion.keys: key %d has no existingSecret" $id) -}}
{{- end -}}
{{- end -}}
{{- if and $v.assertion.required (not $ids) -}}
{{- $errors = append $errors "assertion.required needs assertion.keys; name the Secret of at least one key, or every user is refused" -}}
{{- end -}}

{{- $tls := $v.tls -}}
{{- if $tls.enabled -}}
{{- range $key, $party := include "hongbao.parties" . | fromYaml -}}
{{- $secret := index $tls.existingSecrets $key -}}
{{- if and $tls.certManager.enabled $secret -}}
{{- $errors = append $errors (printf "tls.existingSecrets.%s is set while tls.certManager makes the certificates; take one of them away" $key) -}}
{{- else if not (or $tls.certManager.enabled $secret) -}}
{{- $errors = append $errors (printf "tls.enabled needs tls.existingSecrets.%s, the Secret with the certificate of %s, or tls.certManager.enabled" $key $party) -}}
{{- end -}}
{{- end -}}
{{- if $v.istio.enabled -}}
{{- $errors = append $errors "istio.enabled hashes on a header which the mesh cannot read while tls.enabled; let the mesh encrypt, or leave the choice of the pod to the callers" -}}
{{- end -}}
{{- end -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef.name) -}}
{{- $errors = append $errors "tls.certManager.enabled needs tls.certManager.issuerRef.name" -}}
{{- end -}}
{{- $parties := dict -}}
{{- range $party, $ids := $tls.identities -}}
{{- range $id := $ids -}}
{{- if and (hasKey $parties $id) (ne (get $parties $id) $party) -}}
{{- $errors = append $errors (printf "tls.identities: %s stands for both %s and %s" $id (get $parties $id) $party) -}}
{{- end -}}
{{- $_ := set $parties $id $party -}}
{{- end -}}
{{- end -}}
{{- if and $v.istio.otherRegionHost (not $v.istio.enabled) -}}
{{- $errors = append $errors "istio.otherRegionHost needs istio.enabled" -}}
{{- end -}}

{{- if $errors -}}
{{- fail (printf "\n\nThese values cannot work:\n  - %s\n" (join "\n  - " $errors)) -}}
{{- end -}}
{{- end -}}

{{/* Faults of one address, as a JSON array. */}}
{{- define "hongbao.urlFaults" -}}
{{- $faults := list -}}
{{- if not .url -}}
{{- $faults = append $faults (printf "%s is missing" .what) -}}
{{- else if not (regexMatch (printf "^%s://" .scheme) .url) -}}
{{- $faults = append $faults (printf "%s does not begin with %s://" .what (trimSuffix "s?" .scheme)) -}}
{{- else if regexMatch "(?i)(://[^/]*@|[?&](user|password)=)" .url -}}
{{- $faults = append $faults (printf "%s holds a user or password; they come by existingSecret only" .what) -}}
{{- end -}}
{{- toJson $faults -}}
{{- end -}}

{{/* What works, and may not be meant. One line each. */}}
{{- define "hongbao.warnings" -}}
{{- $v := .Values -}}
{{- $zones := int64 $v.zones.count -}}
{{- range $key, $service := include "hongbao.catalog" . | fromYaml -}}
{{- $settings := index $v.services $key -}}
{{- $min := include "hongbao.replicasMin" (dict "root" $ "key" $key) | int64 -}}
{{- $max := include "hongbao.replicasMax" (dict "root" $ "key" $key) | int64 -}}
{{- $sum := include "hongbao.pods" (dict "rate" $settings.load.peakPerSecond "perPod" $settings.load.podPerSecond "zones" $zones) | int64 -}}
{{- if mod $min $zones }}
- services.{{ $key }}.replicas is {{ $min }}, no multiple of the {{ $zones }} IDCs: one IDC has a pod less.
{{- end }}
{{- if and $v.autoscaling.enabled (mod $max $zones) }}
- services.{{ $key }}.replicasMax is {{ $max }}, no multiple of the {{ $zones }} IDCs.
{{- end }}
{{- if lt $min $sum }}
- services.{{ $key }} has {{ $min }} pods; the peak needs {{ $sum }} when an IDC is gone.
{{- end }}
{{- end }}
{{- if lt $zones 3 }}
- zones.count is {{ $zones }}; a region has three IDCs.
{{- end }}
{{- if ne $v.zones.whenUnsatisfiable "DoNotSchedule" }}
- zones.whenUnsatisfiable is {{ $v.zones.whenUnsatisfiable }}: pods may crowd in one IDC, and the sums do not hold.
{{- end }}
{{- $served := list }}
{{- $active := list }}
{{- range $v.sets }}
{{- $served = concat $served (include "hongbao.suffixes" .range | trim | splitList " ") }}
{{- $active = concat $active (include "hongbao.suffixes" (ternary .active .range (hasKey . "active")) | trim | splitList " " | compact) }}
{{- end }}
{{- if lt (len (uniq $served)) 100 }}
- {{ len (uniq $served) }} of the 100 logical databases are served; packets of the others, if there ever were any, cannot be opened.
{{- end }}
{{- if not $active }}
- No database is active: no new order can be made.
{{- end }}
{{- if not (or $v.tls.enabled $v.istio.enabled) }}
- tls.enabled is false: gRPC is plain text, and whoever reaches a pod may call everything.
{{- end }}
{{- if and $v.assertion.required (not (or $v.tls.enabled $v.istio.enabled)) }}
- assertion.required without tls.enabled: assertions go over the network in plain text, and are good for whoever reads them.
{{- end }}
{{- if and $v.tls.certManager.enabled (not $v.tls.enabled) }}
- tls.certManager.enabled makes certificates that nobody uses while tls.enabled is false.
{{- end }}
{{- if not $v.migration.enabled }}
- migration.enabled is false: bring the databases to the newest schema yourself, before the services.
{{- end }}
{{- if not $v.networkPolicy.enabled }}
- networkPolicy.enabled is false: every pod of the cluster may call the services.
{{- else if not $v.networkPolicy.clients }}
- networkPolicy.clients is empty: nobody outside this release may call the services.
{{- end }}
{{- end -}}
