{{/* What both modes give their container: image, hardening, port, probes, what it may use. */}}
{{- define "dsnwatch.container" -}}
image: {{ include "dsnwatch.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [run, --config, /etc/dsnwatch/dsnwatch.yml]
ports:
  - {name: dsnwatch, containerPort: 25571, protocol: TCP}
livenessProbe:
  httpGet: {path: /-/healthy, port: 25571}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
startupProbe:
  httpGet: {path: /-/healthy, port: 25571}
  periodSeconds: 2
  failureThreshold: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
{{- end -}}

{{/*
The sidecar, for the initContainers of a pod in your MTA's chart, which names this chart as a dependency:
  initContainers:
    {{- include "dsnwatch.sidecar.container" .Subcharts.dsnwatch | nindent 4 }}
It has no readiness probe: a pod whose mail flows is ready, whoever counts it. It ends after the MTA, reads to the end, and stays for
`linger`; give the pod a terminationGracePeriodSeconds of the MTA's own plus linger plus 10.
*/}}
{{- define "dsnwatch.sidecar.container" -}}
- name: dsnwatch
  restartPolicy: Always
  {{- include "dsnwatch.container" . | nindent 2 }}
  volumeMounts:
    - {name: {{ .Values.sidecar.logVolume }}, mountPath: {{ .Values.sidecar.logDirectory }}, readOnly: true}
    - {name: {{ default "dsnwatch-state" .Values.sidecar.stateVolume }}, mountPath: /var/lib/dsnwatch}
    - {name: dsnwatch-config, mountPath: /etc/dsnwatch, readOnly: true}
    {{- if .Values.rules }}
    - {name: dsnwatch-rules, mountPath: /etc/dsnwatch-rules, readOnly: true}
    {{- end }}
{{- end -}}

{{/* Its volumes; the log's volume is your own. */}}
{{- define "dsnwatch.sidecar.volumes" -}}
{{- if not .Values.sidecar.stateVolume }}
- name: dsnwatch-state
  emptyDir: {sizeLimit: 256Mi}
{{- end }}
{{ include "dsnwatch.configVolumes" . }}
{{- end -}}

{{- define "dsnwatch.configVolumes" -}}
- name: dsnwatch-config
  configMap: {name: {{ include "dsnwatch.fullname" . }}}
{{- if .Values.rules }}
- name: dsnwatch-rules
  configMap: {name: {{ include "dsnwatch.fullname" . }}-rules}
{{- end }}
{{- end -}}

{{- define "dsnwatch.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "listen" "0.0.0.0:25571" -}}
{{- $_ := set $config "state_dir" "/var/lib/dsnwatch/ledger" -}}
{{- if .Values.rules -}}
{{- $_ := set $config "rules" (list "/etc/dsnwatch-rules") -}}
{{- end -}}
{{- if eq .Values.mode "kafka" -}}
{{- $static := dict "group.instance.id" (dict "env" "POD_NAME") "session.timeout.ms" (toString .Values.kafka.sessionTimeoutMs) -}}
{{- $kafka := dict "brokers" .Values.kafka.brokers "topics" .Values.kafka.topics "group" .Values.kafka.group "look_back" .Values.kafka.lookBack "properties" (merge (deepCopy .Values.kafka.properties) $static) -}}
{{- $_ := set $config "sources" (list (dict "kafka" $kafka)) -}}
{{- else -}}
{{- $_ := set $config "sources" (list (dict "path" (printf "%s/%s" .Values.sidecar.logDirectory .Values.sidecar.logFile) "start" "beginning")) -}}
{{- end -}}
{{ toYaml $config }}
{{- end -}}
