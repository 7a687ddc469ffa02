{{/* Names ------------------------------------------------------------------------------------------------------ */}}

{{- define "hongbao.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What all objects of the release have in common; selectors are made of it. */}}
{{- define "hongbao.selector" -}}
app.kubernetes.io/part-of: hongbao
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hongbao.labels" -}}
{{ include "hongbao.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "hongbao.image" -}}
{{- $path := printf "%s:%s" .path (default .root.Chart.AppVersion .tag) -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $path }}
{{- end -}}

{{/* Services ---------------------------------------------------------------------------------------------------- */}}

{{/*
What each service is and which settings it reads. Ports are those of the services' own application.properties. `group` is
the Kafka consumer group whose lag tells that the service is behind; grab-svc and open-svc lag for other reasons.
*/}}
{{- define "hongbao.catalog" -}}
send:
  {name: send-svc, grpcPort: 9101, managementPort: 9201, region: true, sets: true, redis: true,
   limits: true, text: writes, calls: wallet}
grab:
  {name: grab-svc, grpcPort: 9102, managementPort: 9202, region: true, redis: true,
   kafka: true, tickets: true}
open:
  {name: open-svc, grpcPort: 9103, managementPort: 9203, region: true, sets: true, redis: true,
   kafka: true, tickets: true, calls: open}
query:
  {name: query-svc, grpcPort: 9104, managementPort: 9204, region: true, sets: true,
   database: records, kafka: true, pageToken: true, text: reads, group: query-svc}
wallet:
  {name: wallet-bridge, grpcPort: 9105, managementPort: 9205, region: true, database: ledger,
   kafka: true, pageToken: true, calls: send, group: wallet-bridge}
{{- end -}}

{{/* The sums ---------------------------------------------------------------------------------------------------- */}}

{{/*
Pods such that the region carries `rate` with one IDC gone:
  needed   = ceil(rate / perPod)            pods that carry the rate
  perZone  = ceil(needed / (zones - 1))     pods of one IDC, so that zones - 1 of them hold all that are needed
  pods     = perZone * zones                a multiple of the IDCs, so that the spread is even
With three IDCs that is one and a half times what is needed: 20,000/s at 10,000 a pod need 2 pods, one in each of two IDCs,
so there are 3. The loss of an IDC then needs no new pod and no decision of the autoscaler, which would take minutes.
*/}}
{{- define "hongbao.pods" -}}
{{- $rate := int64 .rate -}}
{{- $perPod := max 1 (int64 .perPod) -}}
{{- $zones := max 1 (int64 .zones) -}}
{{- $needed := max 1 (div (sub (add $rate $perPod) 1) $perPod) -}}
{{- $survivors := max 1 (sub $zones 1) -}}
{{- $perZone := div (sub (add $needed $survivors) 1) $survivors -}}
{{- mul $perZone $zones -}}
{{- end -}}

{{- define "hongbao.replicasMin" -}}
{{- $service := index .root.Values.services .key -}}
{{- if int64 $service.replicas -}}
{{- int64 $service.replicas -}}
{{- else -}}
{{- include "hongbao.pods" (dict "rate" $service.load.peakPerSecond "perPod" $service.load.podPerSecond "zones" .root.Values.zones.count) -}}
{{- end -}}
{{- end -}}

{{- define "hongbao.replicasMax" -}}
{{- $service := index .root.Values.services .key -}}
{{- if int64 $service.replicasMax -}}
{{- int64 $service.replicasMax -}}
{{- else -}}
{{- $sum := include "hongbao.pods" (dict "rate" $service.load.extremePerSecond "perPod" $service.load.podPerSecond "zones" .root.Values.zones.count) | int64 -}}
{{- max $sum (include "hongbao.replicasMin" . | int64) -}}
{{- end -}}
{{- end -}}

{{/*
The autoscaler's target. When an IDC goes, each pod left gets zones / (zones - 1) of its load at once; it must then still
be within podUtilizationMax: target = podUtilizationMax * (zones - 1) / zones. 90 percent and three IDCs: 60 percent.
*/}}
{{- define "hongbao.utilizationTarget" -}}
{{- $zones := int64 .Values.zones.count -}}
{{- if gt $zones 1 -}}
{{- div (mul (int64 .Values.capacity.podUtilizationMax) (sub $zones 1)) $zones -}}
{{- else -}}
{{- int64 .Values.capacity.podUtilizationMax -}}
{{- end -}}
{{- end -}}

{{/* Configuration ----------------------------------------------------------------------------------------------- */}}

{{/* The environment variable that brings one secret. Not below `hongbao.`, so that no mapping takes it for a setting. */}}
{{- define "hongbao.secretName" -}}
SECRET_{{ . | upper | replace "-" "_" }}
{{- end -}}

{{/* application.properties of one service. Secrets are names of environment variables here, never values. */}}
{{- define "hongbao.properties" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $service := .service -}}
# Made by Helm for {{ $service.name }}; overrides the defaults inside the image.
quarkus.grpc.server.port={{ $service.grpcPort }}
quarkus.management.port={{ $service.managementPort }}
hongbao.logs.json={{ $values.logs.json }}
{{- if $service.region }}
hongbao.region={{ int64 $values.region }}
{{- end }}
{{- if $service.sets }}
{{- range $set := $values.sets }}
{{- $prefix := printf "hongbao.sets.%q" $set.name }}
{{ $prefix }}.range={{ $set.range }}
{{- if hasKey $set "active" }}
{{ $prefix }}.active={{ $set.active }}
{{- end }}
{{ $prefix }}.url={{ $set.url }}
{{ $prefix }}.username=${ {{- include "hongbao.secretName" (printf "set-%s-username" $set.name) -}} }
{{ $prefix }}.password=${ {{- include "hongbao.secretName" (printf "set-%s-password" $set.name) -}} }
{{ $prefix }}.pool-size={{ int64 (default 8 $set.poolSize) }}
{{- end }}
hongbao.cold.url={{ $values.databases.cold.url }}
hongbao.cold.username=${SECRET_COLD_USERNAME}
hongbao.cold.password=${SECRET_COLD_PASSWORD}
{{- end }}
{{- /* Every service reads switches and masks, and writes audit entries. */}}
hongbao.control.url={{ $values.databases.control.url }}
hongbao.control.username=${SECRET_CONTROL_USERNAME}
hongbao.control.password=${SECRET_CONTROL_PASSWORD}
{{- if $values.databases.control.audit.existingSecret }}
hongbao.control.audit-username=${SECRET_AUDIT_USERNAME}
hongbao.control.audit-password=${SECRET_AUDIT_PASSWORD}
{{- end }}
{{- with $service.database }}
{{- $database := index $values.databases . }}
quarkus.datasource.reactive.url={{ $database.url }}
quarkus.datasource.username=${SECRET_DATABASE_USERNAME}
quarkus.datasource.password=${SECRET_DATABASE_PASSWORD}
{{- end }}
{{- if $service.redis }}
quarkus.redis.hosts={{ $values.redis.hosts }}
{{- if $values.redis.existingSecret }}
quarkus.redis.password=${SECRET_REDIS_PASSWORD}
{{- end }}
{{- end }}
{{- if $service.kafka }}
kafka.bootstrap.servers={{ $values.kafka.bootstrapServers }}
{{- end }}
{{- if $service.tickets }}
hongbao.tickets.signing-key={{ int64 $values.tickets.signingKey }}
{{- range $values.tickets.keys }}
hongbao.tickets.keys."{{ int64 .id }}"=${SECRET_TICKET_KEY_{{ int64 .id }}}
{{- end }}
{{- end }}
{{- if $service.text }}
{{- if eq $service.text "writes" }}
hongbao.text.writing-key={{ int64 $values.text.writingKey }}
{{- end }}
{{- range $values.text.keys }}
hongbao.text.keys."{{ int64 .id }}"=${SECRET_TEXT_KEY_{{ int64 .id }}}
{{- end }}
{{- end }}
{{- if $service.pageToken }}
hongbao.page-token.secret=${SECRET_PAGE_TOKEN}
{{- end }}
{{- if $service.limits }}
hongbao.limits.share-count-max={{ int64 $values.limits.shareCountMax }}
hongbao.limits.share-fen-max={{ int64 $values.limits.shareFenMax }}
{{- end }}
{{- if $values.assertion.required }}
hongbao.assertion.required=true
{{- range $values.assertion.keys }}
hongbao.assertion.keys."{{ int64 .id }}"=${SECRET_ASSERTION_KEY_{{ int64 .id }}}
{{- end }}
{{- end }}
{{- if $values.traces.enabled }}
hongbao.traces.enabled=true
hongbao.traces.endpoint={{ $values.traces.endpoint }}
hongbao.traces.ratio={{ $values.traces.ratio }}
{{- end }}
{{- if $values.tls.enabled }}
hongbao.tls.enabled=true
hongbao.tls.folder=/etc/hongbao-tls
hongbao.tls.trust-domain={{ $values.tls.trustDomain }}
hongbao.tls.reload-interval={{ $values.tls.reloadInterval }}
{{- range $party, $ids := $values.tls.identities }}
hongbao.tls.identities.{{ $party }}={{ join "," $ids }}
{{- end }}
{{- end }}
{{- with $service.calls }}
{{- $callee := index (include "hongbao.catalog" $root | fromYaml) . }}
# All pods behind the headless Service: one connection to a virtual address would load one pod only.
quarkus.grpc.clients.{{ . }}.host={{ include "hongbao.fullname" $root }}-{{ $callee.name }}-headless
quarkus.grpc.clients.{{ . }}.port={{ $callee.grpcPort }}
{{- if eq . "open" }}
# The pod that owns the packet, found as callers find it.
quarkus.grpc.clients.{{ . }}.name-resolver=hongbao-dns
quarkus.grpc.clients.{{ . }}.load-balancing-policy=hongbao_rendezvous
{{- else }}
quarkus.grpc.clients.{{ . }}.name-resolver=dns
quarkus.grpc.clients.{{ . }}.load-balancing-policy=round_robin
{{- end }}
{{- end }}
{{- range $name, $value := (index $values.services .key).config }}
{{- if kindIs "float64" $value }}{{ $value = ternary (int64 $value) $value (eq (floor $value) $value) }}{{ end }}
{{ $name }}={{ $value | toString | replace "\\" "\\\\" }}
{{- end }}
{{- end -}}

{{- define "hongbao.secretEnv" -}}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{- end -}}

{{/* The secrets one service reads, each from its own existing Secret. */}}
{{- define "hongbao.env" -}}
{{- $values := .root.Values -}}
{{- $service := .service -}}
- name: QUARKUS_CONFIG_LOCATIONS
  value: /etc/hongbao/application.properties
{{- if $service.sets }}
{{- range $set := $values.sets }}
{{ include "hongbao.secretEnv" (dict "env" (include "hongbao.secretName" (printf "set-%s-username" $set.name)) "secret" $set.existingSecret "key" (default "username" $set.usernameKey)) }}
{{ include "hongbao.secretEnv" (dict "env" (include "hongbao.secretName" (printf "set-%s-password" $set.name)) "secret" $set.existingSecret "key" (default "password" $set.passwordKey)) }}
{{- end }}
{{- $cold := $values.databases.cold }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_COLD_USERNAME" "secret" $cold.existingSecret "key" $cold.usernameKey) }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_COLD_PASSWORD" "secret" $cold.existingSecret "key" $cold.passwordKey) }}
{{- end }}
{{- $control := $values.databases.control }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_CONTROL_USERNAME" "secret" $control.existingSecret "key" $control.usernameKey) }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_CONTROL_PASSWORD" "secret" $control.existingSecret "key" $control.passwordKey) }}
{{- with $control.audit }}
{{- if .existingSecret }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_AUDIT_USERNAME" "secret" .existingSecret "key" .usernameKey) }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_AUDIT_PASSWORD" "secret" .existingSecret "key" .passwordKey) }}
{{- end }}
{{- end }}
{{- with $service.database }}
{{- $database := index $values.databases . }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_DATABASE_USERNAME" "secret" $database.existingSecret "key" $database.usernameKey) }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_DATABASE_PASSWORD" "secret" $database.existingSecret "key" $database.passwordKey) }}
{{- end }}
{{- if and $service.redis $values.redis.existingSecret }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_REDIS_PASSWORD" "secret" $values.redis.existingSecret "key" $values.redis.passwordKey) }}
{{- end }}
{{- if $service.tickets }}
{{- range $values.tickets.keys }}
{{ include "hongbao.secretEnv" (dict "env" (printf "SECRET_TICKET_KEY_%d" (int64 .id)) "secret" .existingSecret "key" .key) }}
{{- end }}
{{- end }}
{{- if $service.text }}
{{- range $values.text.keys }}
{{ include "hongbao.secretEnv" (dict "env" (printf "SECRET_TEXT_KEY_%d" (int64 .id)) "secret" .existingSecret "key" .key) }}
{{- end }}
{{- end }}
{{- if $service.pageToken }}
{{ include "hongbao.secretEnv" (dict "env" "SECRET_PAGE_TOKEN" "secret" $values.pageToken.existingSecret "key" $values.pageToken.key) }}
{{- end }}
{{- if $values.assertion.required }}
{{- range $values.assertion.keys }}
{{ include "hongbao.secretEnv" (dict "env" (printf "SECRET_ASSERTION_KEY_%d" (int64 .id)) "secret" .existingSecret "key" .key) }}
{{- end }}
{{- end }}
{{- with (index $values.services .key).extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* TLS --------------------------------------------------------------------------------------------------------- */}}

{{/* Whose certificates there are: each service's, and that of the test. By the key of tls.existingSecrets. */}}
{{- define "hongbao.parties" -}}
{{- range $key, $service := include "hongbao.catalog" . | fromYaml }}
{{ $key }}: {{ $service.name }}
{{- end }}
probe: probe
{{- end -}}

{{/* The Secret of one party's certificate. */}}
{{- define "hongbao.tlsSecret" -}}
{{- $tls := .root.Values.tls -}}
{{- if $tls.certManager.enabled -}}
{{ include "hongbao.fullname" .root }}-{{ .party }}-tls
{{- else -}}
{{ index $tls.existingSecrets .key }}
{{- end -}}
{{- end -}}

{{/* Its volume: the leaf and the roots in one folder, whichever Secrets they come from. Renewed files appear all at once. */}}
{{- define "hongbao.tlsVolume" -}}
{{- $ca := .root.Values.tls.caExistingSecret -}}
- name: tls
  projected:
    # For the group of the process, which is not root.
    defaultMode: 0440
    sources:
      - secret:
          name: {{ include "hongbao.tlsSecret" . | quote }}
          items:
            - {key: tls.crt, path: tls.crt}
            - {key: tls.key, path: tls.key}
            {{- if not $ca }}
            - {key: ca.crt, path: ca.crt}
            {{- end }}
      {{- if $ca }}
      - secret:
          name: {{ $ca | quote }}
          items:
            - {key: ca.crt, path: ca.crt}
      {{- end }}
{{- end -}}

{{- define "hongbao.tlsMount" -}}
- name: tls
  mountPath: /etc/hongbao-tls
  readOnly: true
{{- end -}}

{{/* Pods -------------------------------------------------------------------------------------------------------- */}}

{{/* The "restricted" Pod Security Standard, and a root file system that nobody writes to. */}}
{{- define "hongbao.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ int64 .Values.podSecurity.runAsUser }}
runAsGroup: {{ int64 .Values.podSecurity.runAsGroup }}
fsGroup: {{ int64 .Values.podSecurity.runAsGroup }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "hongbao.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "hongbao.scheduling" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* One egress rule: to some peers on some ports. */}}
{{- define "hongbao.egress" -}}
- to:
    {{- toYaml .peers | nindent 4 }}
  ports:
    {{- range .ports }}
    - {port: {{ int64 . }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{/* The migration of one database. */}}
{{- define "hongbao.migrationContainer" -}}
{{- $migration := .root.Values.migration -}}
- name: {{ .name }}
  image: {{ include "hongbao.image" (dict "root" .root "path" $migration.image.repository "tag" (default .root.Values.image.tag $migration.image.tag)) }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: {{ toJson $migration.command }}
  args: {{ list .kind (printf "jdbc:%s" .database.url) | toJson }}
  securityContext:
    {{- include "hongbao.containerSecurityContext" .root | nindent 4 }}
  env:
    {{- include "hongbao.secretEnv" (dict "env" "SECRET_DATABASE_USERNAME" "secret" .database.existingSecret "key" (default "username" .database.usernameKey)) | nindent 4 }}
    {{- include "hongbao.secretEnv" (dict "env" "SECRET_DATABASE_PASSWORD" "secret" .database.existingSecret "key" (default "password" .database.passwordKey)) | nindent 4 }}
  resources:
    {{- toYaml $migration.resources | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{/* One store of reconciliation; its login is in two files. */}}
{{- define "hongbao.reconStore" -}}
{{ .key }}.url={{ .url }}
{{ .key }}.username-file=/etc/hongbao/secrets/{{ .files }}/username
{{ .key }}.password-file=/etc/hongbao/secrets/{{ .files }}/password
{{- end -}}

{{/* The files of one login, from its existing Secret. */}}
{{- define "hongbao.reconSecret" -}}
- secret:
    name: {{ .login.existingSecret | quote }}
    items:
      - {key: {{ default "username" .login.usernameKey | quote }}, path: {{ .files }}/username}
      - {key: {{ default "password" .login.passwordKey | quote }}, path: {{ .files }}/password}
{{- end -}}
