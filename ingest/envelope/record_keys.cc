#include "ingest/envelope/record_keys.h"

namespace dsnwatch::ingest {
namespace {

struct KnownKey {
  std::string_view name;
  Slot slot;
};

// As the shippers name them: rsyslog, syslog-ng, journald (also as Fluent Bit's systemd input writes its names: without
// the leading underscore, in lower case), Vector, Fluent Bit, Fluentd, Docker's fluentd driver, Filebeat and the
// Elastic Common Schema, Logstash, GELF, OTLP/JSON, Splunk HEC, Cribl, Google Cloud, Kafka Connect.
constexpr KnownKey kKnown[] = {
    {"event.original", Slot::kEventOriginal},
    {"message", Slot::kMessage},
    {"log", Slot::kLog},
    {"msg", Slot::kMsg},
    {"MESSAGE", Slot::kJournalMessage},
    {"short_message", Slot::kShortMessage},
    {"full_message", Slot::kFullMessage},
    {"_raw", Slot::kRaw},
    {"event", Slot::kEvent},
    {"line", Slot::kLine},
    {"text", Slot::kText},
    {"textPayload", Slot::kTextPayload},
    {"body", Slot::kBody},
    {"rawmsg", Slot::kRawmsg},

    {"syslogtag", Slot::kSyslogtag},
    {"syslog-tag", Slot::kSyslogTag},
    {"tag", Slot::kTag},
    {"ident", Slot::kIdent},
    {"SYSLOG_IDENTIFIER", Slot::kSyslogIdentifier},
    {"syslog_identifier", Slot::kSyslogIdentifier},
    {"syslog.identifier", Slot::kSyslogIdentifierField},
    {"log.syslog.appname", Slot::kLogSyslogAppname},
    {"appname", Slot::kAppname},
    {"app_name", Slot::kAppName},
    {"process.name", Slot::kProcessName},
    {"process.program", Slot::kProcessProgram},
    {"PROGRAM", Slot::kProgramUpper},
    {"_program", Slot::kProgramGelf},
    {"program", Slot::kProgram},
    {"programname", Slot::kProgramname},
    {"app-name", Slot::kAppNameDashed},

    {"log.syslog.hostname", Slot::kLogSyslogHostname},
    {"sysloghost", Slot::kSysloghost},
    {"hostname", Slot::kHostname},
    {"_HOSTNAME", Slot::kJournalHostname},
    {"HOSTNAME", Slot::kJournalHostname},
    {"_hostname", Slot::kJournalHostname},
    {"HOST", Slot::kHostUpper},
    {"host.hostname", Slot::kHostHostname},
    {"logsource", Slot::kLogsource},
    {"host", Slot::kHost},
    {"host.name", Slot::kHostName},
    {"kubernetes.host", Slot::kNode},
    {"kubernetes.pod_node_name", Slot::kNode},
    {"kubernetes.node.name", Slot::kNode},
    {"fromhost", Slot::kNode},
    {"HOST_FROM", Slot::kNode},

    {"timereported", Slot::kTimereported},
    {"ISODATE", Slot::kIsodate},
    {"timeUnixNano", Slot::kTimeUnixNano},
    {"_SOURCE_REALTIME_TIMESTAMP", Slot::kSourceRealtime},
    {"SOURCE_REALTIME_TIMESTAMP", Slot::kSourceRealtime},
    {"_source_realtime_timestamp", Slot::kSourceRealtime},
    {"source_realtime_timestamp", Slot::kSourceRealtime},
    {"__REALTIME_TIMESTAMP", Slot::kRealtime},
    {"_REALTIME_TIMESTAMP", Slot::kRealtime},
    {"REALTIME_TIMESTAMP", Slot::kRealtime},
    {"__realtime_timestamp", Slot::kRealtime},
    {"_realtime_timestamp", Slot::kRealtime},
    {"realtime_timestamp", Slot::kRealtime},
    {"@timestamp", Slot::kAtTimestamp},
    {"timestamp", Slot::kTimestamp},
    {"time", Slot::kTime},
    {"date", Slot::kDate},
    {"ts", Slot::kTs},
    {"_time", Slot::kTimeUnderscore},
    {"DATE", Slot::kDateUpper},
    {"timegenerated", Slot::kTimegenerated},
    {"R_ISODATE", Slot::kReceivedIsodate},
    {"observedTimeUnixNano", Slot::kObservedTimeUnixNano},

    {"stream", Slot::kStream},
    {"source", Slot::kStream},  // Docker's fluentd driver
    {"_p", Slot::kCriPart},
    {"logtag", Slot::kCriPart},
    {"partial_message", Slot::kPartialMessage},
    {"partial_last", Slot::kPartialLast},
    {"_partial", Slot::kPartial},
    {"attrs", Slot::kAttrs},
    {"container_id", Slot::kContainer},
    {"container.id", Slot::kContainer},
    {"kubernetes.docker_id", Slot::kContainer},
    {"kubernetes.container_id", Slot::kContainer},
    {"container_name", Slot::kContainerName},
    {"container.name", Slot::kContainerName},
    {"kubernetes.container_name", Slot::kContainerName},
    {"kubernetes.container.name", Slot::kContainerName},
    {"kubernetes.pod_name", Slot::kPod},
    {"kubernetes.pod.name", Slot::kPod},
    {"file", Slot::kFile},
    {"filename", Slot::kFile},
    {"path", Slot::kFile},
    {"log.file.path", Slot::kFile},

    {"payload", Slot::kPayload},
    {"resourceLogs", Slot::kResourceLogs},
};

}  // namespace

RecordKeys::RecordKeys(const EnvelopeKeys& configured) {
  entries_.reserve(200);
  add(configured.message, Slot::kConfiguredText);
  add(configured.host, Slot::kConfiguredHost);
  add(configured.time, Slot::kConfiguredTime);
  for (const KnownKey& key : kKnown) add(key.name, key.slot);
}

RecordKeys::Entry& RecordKeys::entry(std::string_view name) {
  const Ends ends(name);
  std::size_t at = ends.hash() & kMask;
  for (; table_[at].entry != 0; at = (at + 1) & kMask) {
    if (entries_[table_[at].entry - 1u].name == name) return entries_[table_[at].entry - 1u];
  }
  entries_.push_back({std::string(name), Slot::kNone, false});
  table_[at] = {ends, static_cast<std::uint8_t>(entries_.size())};
  return entries_.back();
}

/// The first meaning of a name stands: a configured key goes before the known ones.
void RecordKeys::add(std::string_view name, Slot slot) {
  if (name.empty() || name.size() > kLongest) return;
  Entry& added = entry(name);
  if (added.slot == Slot::kNone) added.slot = slot;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    entry(name.substr(0, dot)).leads_on = true;
  }
}

}  // namespace dsnwatch::ingest
