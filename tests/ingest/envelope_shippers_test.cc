// One record of each shipper, in each of its shapes: one attempt with the right host, program and time comes out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/envelope_records.h"

namespace dsnwatch::ingest {
namespace {

struct Shape {
  const char* name;
  const char* record;
  const char* host;
  const char* service;
  const char* seconds;  ///< 1795470798 is 2026-11-23T21:53:18Z.
};

class EnvelopeShippers : public testing::TestWithParam<Shape> {};

TEST_P(EnvelopeShippers, OneRecordGivesOneAttempt) {
  const Shape& shape = GetParam();
  const std::string expected =
      std::string(shape.host) + "|" + shape.service + "|" + shape.seconds + "|a@x.test|no route";
  const std::string record = with_texts(shape.record);
  EXPECT_THAT(read_records(record + "\n").lines, testing::ElementsAre(expected)) << record;
  // The same in a broker's message, without a line feed.
  AttemptsInShort attempts;
  const Message message{.bytes = record, .host = {}};
  format_of_later_years()->parse_messages({&message, 1}, attempts);
  EXPECT_THAT(attempts.lines, testing::ElementsAre(expected)) << record;
}

constexpr Shape
    kShapes
        [] =
            {
                {"rsyslog_jsonmesg",
                 R"({ "msg": " @M@", "rawmsg": "<22>Nov 23 21:53:18 postfix\/smtp[658]: @M@", "timereported": "2026-11-23T21:53:18+00:00", "hostname": "mta1", "syslogtag": "postfix\/smtp[658]:", "fromhost": "relay", "timegenerated": "2026-11-24T16:08:48+00:00", "programname": "postfix", "app-name": "postfix", "procid": "658", "uuid": null, "$!": null })",
                 "mta1", "postfix/smtp", "1795470798"},
                {"rsyslog_rawmsg_only",
                 R"({"rawmsg":"<22>Nov 23 21:53:18 postfix\/smtp[658]: @M@","hostname":"mta1","timegenerated":"2026-11-24T16:08:48Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"rsyslog_tutorial_template",
                 R"({"@timestamp":"2026-11-23T21:53:18Z","@version":"1","message":" @M@","sysloghost":"mta1","severity":"info","programname":"postfix-out-b","procid":"658"})",
                 "mta1", "postfix-out-b", "1795470798"},
                {"rsyslog_imfile",
                 R"({"msg":"@L@","hostname":"shipper","syslogtag":"maillog:","programname":"maillog","timereported":"2026-11-25T00:00:00Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"syslog_ng_rfc5424",
                 R"({"PROGRAM":"postfix-out1/smtp","PRIORITY":"info","PID":"658","MESSAGE":"@M@","ISODATE":"2026-11-23T21:53:18+00:00","HOST":"mta1","FACILITY":"mail"})",
                 "mta1", "postfix-out1/smtp", "1795470798"},
                {"syslog_ng_date_without_year",
                 R"({"PROGRAM":"postfix/smtp","PID":"658","MESSAGE":"@M@","LEGACY_MSGHDR":"postfix/smtp[658]: ","HOST_FROM":"peer","HOST":"mta1","DATE":"Nov 23 21:53:18","R_ISODATE":"2026-11-23T22:00:00+00:00"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"syslog_ng_no_time",
                 R"({"PROGRAM":"postfix/smtp","PID":"658","MESSAGE":"@M@","HOST":"mta1","HOST_FROM":"peer"})", "mta1",
                 "postfix/smtp", "-"},
                {"syslog_ng_no_parse",
                 R"({"PRIORITY":"notice","MESSAGE":"@L@","HOST":"shipper","FACILITY":"user","DATE":"Nov 25 00:00:00","ISODATE":"2026-11-25T00:00:00Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"gelf",
                 R"({"version":"1.1","host":"mta1","short_message":"@M@","timestamp":1795470798.123,"level":6,"facility":"mail","_program":"postfix/smtp","_pid":658})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"vector_file",
                 R"({"file":"/var/log/mail.log","host":"shipper","message":"@L@","source_type":"file","timestamp":"2026-11-25T00:00:00.1Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"vector_syslog",
                 R"({"appname":"postfix/smtp","facility":"mail","host":"peer","hostname":"mta1","message":"@M@","procid":658,"source_ip":"192.0.2.1","source_type":"syslog","timestamp":"2026-11-23T21:53:18.689756Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"vector_journald",
                 R"({"PRIORITY":"6","SYSLOG_IDENTIFIER":"postfix/smtp","SYSLOG_PID":"658","_COMM":"smtp","_PID":"658","_SOURCE_REALTIME_TIMESTAMP":"1795470798000001","host":"mta1","message":"@M@","source_type":"journald","timestamp":"2026-11-25T00:00:00Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"vector_kubernetes",
                 R"({"file":"/var/log/pods/x/0.log","kubernetes":{"container_name":"mta","pod_name":"mta-0","pod_node_name":"node7"},"message":"@L@","source_type":"kubernetes_logs","stream":"stdout","timestamp":"2026-11-23T21:53:19.5Z"})",
                 "mta1", "postfix/smtp", "1795470799"},
                {"fluent_bit_tail", R"({"@timestamp":1795536387.479593,"log":"@L@"})", "mta1", "postfix/smtp",
                 "1795470798"},
                {"fluent_bit_stdout", R"({"date":1795536387.479593,"log":"@L@"})", "mta1", "postfix/smtp",
                 "1795470798"},
                {"fluent_bit_syslog_parser",
                 R"({"@timestamp":1795470798.25,"pri":"22","time":"Nov 23 21:53:18","host":"mta1","ident":"postfix/smtp","pid":"658","message":"@M@"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"fluent_bit_kubernetes",
                 R"({"@timestamp":1795536387.5,"time":"2026-11-23T21:53:19.000968328Z","stream":"stdout","_p":"F","log":"@L@","kubernetes":{"pod_name":"mta-0","host":"node7","container_name":"mta"}})",
                 "mta1", "postfix/smtp", "1795470799"},
                {"fluent_bit_systemd",
                 R"({"@timestamp":1795470798.1,"_HOSTNAME":"mta1","SYSLOG_IDENTIFIER":"postfix/smtp","SYSLOG_PID":"658","MESSAGE":"@M@"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"fluent_bit_systemd_lower_case_stripped",
                 R"({"@timestamp":1795470798.1,"hostname":"mta1","syslog_identifier":"postfix/smtp","comm":"smtp","message":"@M@"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"fluent_bit_file_output",
                 R"(mail.0: [1795536387.479593, {"log":"@L@","time":"2026-11-25T00:00:00Z"}])", "mta1", "postfix/smtp",
                 "1795470798"},
                {"fluentd_syslog",
                 R"({"host":"mta1","ident":"postfix/smtp","pid":"658","message":"@M@","tag":"mail.postfix","time":"2026-11-23T21:53:18+00:00","hostname":"agent"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"fluentd_syslog_float_time",
                 R"({"host":"mta1","ident":"postfix/smtp","message":"@M@","time":1795470798.5})", "mta1",
                 "postfix/smtp", "1795470798"},
                {"fluentd_none",
                 R"({"message":"@L@","tag":"mail","time":"2026-11-25 00:00:00.000 +0000","hostname":"agent"})", "mta1",
                 "postfix/smtp", "1795470798"},
                {"fluentd_file_output",
                 "2026-11-25T00:00:00+00:00\tmail.postfix\t{\"message\":\"@L@\",\"time\":\"2026-11-25T00:00:00Z\"}",
                 "mta1", "postfix/smtp", "1795470798"},
                {"docker_fluentd_driver",
                 R"({"container_id":"4f2b","container_name":"/mta","source":"stdout","log":"@L@","@timestamp":"2026-11-23T21:53:19Z"})",
                 "mta1", "postfix/smtp", "1795470799"},
                {"filebeat_filestream",
                 R"({"@timestamp":"2026-11-25T00:00:00.908Z","@metadata":{"beat":"filebeat"},"host":{"name":"shipper","os":{"name":"x"}},"message":"@L@","log":{"offset":48211,"file":{"path":"/var/log/mail.log"}},"agent":{"name":"shipper"}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"filebeat_syslog_processor",
                 R"({"@timestamp":"2026-11-23T21:53:18.000Z","message":"@M@","log":{"syslog":{"appname":"postfix/smtp","hostname":"mta1","procid":"658"},"offset":1},"host":{"name":"collector"}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"filebeat_syslog_input",
                 R"({"@timestamp":"2026-11-23T21:53:18.000Z","message":"@M@","hostname":"mta1","process":{"program":"postfix/smtp","pid":658},"host":{"name":"collector"},"event":{"severity":6}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"filebeat_journald",
                 R"({"@timestamp":"2026-11-23T21:53:18.000Z","message":"@M@","syslog":{"identifier":"postfix/smtp","pid":658},"host":{"hostname":"mta1","name":"other"},"journald":{"pid":658}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"elastic_system_pipeline",
                 R"({"@timestamp":"2026-11-23T21:53:18.000Z","message":"@M@","process":{"name":"postfix/smtp","pid":658},"host":{"hostname":"mta1"},"event":{"dataset":"system.syslog","kind":"event"}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"logstash_grok_array",
                 R"({"@timestamp":"2026-11-25T00:00:00.000Z","@version":"1","message":["@L@","@M@"],"timestamp":"Nov 23 21:53:18","logsource":"mta1","program":"postfix/smtp","pid":"658","host":"shipper"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"logstash_ecs_overwritten",
                 R"({"@timestamp":"2026-11-25T00:00:00.000Z","message":"@M@","event":{"original":"@L@"},"process":{"name":"postfix/smtp"},"host":{"hostname":"mta1"}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"logstash_without_ecs",
                 R"({"@timestamp":"2026-11-23T21:53:18.000Z","message":"@M@","logsource":"mta1","program":"postfix/smtp","pid":"658","host":{"name":"shipper"}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"otlp_whole_line",
                 R"({"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"other"}}]},"scopeLogs":[{"scope":{},"logRecords":[{"observedTimeUnixNano":"1795536410577309836","body":{"stringValue":"@L@"},"attributes":[]}]}]}]})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"otlp_syslog_parser",
                 R"({"resourceLogs":[{"resource":{},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795470798000000000","observedTimeUnixNano":"1795536410577309836","body":{"stringValue":"@M@"},"attributes":[{"value":{"stringValue":"mta1"},"key":"hostname"},{"key":"appname","value":{"stringValue":"postfix/smtp"}},{"key":"proc_id","value":{"stringValue":"658"}},{"key":"message","value":{"stringValue":"@M@"}}]}]}]}]})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"otlp_body_beside_message",
                 R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"0","observedTimeUnixNano":"1795536410577309836","body":{"stringValue":"@L@"},"attributes":[{"key":"message","value":{"stringValue":"@M@"}}]}]}],"resource":{}}]})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"otlp_journald",
                 R"({"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795470798000000000","body":{"kvlistValue":{"values":[{"key":"MESSAGE","value":{"stringValue":"@M@"}},{"key":"SYSLOG_IDENTIFIER","value":{"stringValue":"postfix/smtp"}},{"key":"_HOSTNAME","value":{"stringValue":"mta1"}}]}}}]}]}]})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"otlp_resource_host_last",
                 R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1795470798000000000,"body":{"stringValue":"@M@"},"attributes":[{"key":"appname","value":{"stringValue":"postfix/smtp"}}]}]}],"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"mta1"}}]}}]})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"splunk_hec", R"({"time":1795470798.1,"host":"mta1","source":"/var/log/mail.log","event":"@M@"})",
                 "mta1", "", "1795470798"},
                {"splunk_hec_object",
                 R"({"time":1795470798.1,"host":"mta1","event":{"message":"@M@","program":"postfix/smtp"}})", "mta1",
                 "postfix/smtp", "1795470798"},
                {"cribl", R"({"_raw":"@L@","_time":1795536387.5,"host":"shipper","cribl_breaker":"x"})", "mta1",
                 "postfix/smtp", "1795470798"},
                {"kafka_connect_object",
                 R"({"schema":{"type":"struct"},"payload":{"message":"@M@","ident":"postfix/smtp","host":"mta1","time":1795470798}})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"google_cloud", R"({"textPayload":"@L@","timestamp":"2026-11-25T00:00:00Z","insertId":"x"})", "mta1",
                 "postfix/smtp", "1795470798"},
                {"literal_dotted_keys",
                 R"({"log.syslog.appname":"postfix/smtp","log.syslog.hostname":"mta1","message":"@M@","@timestamp":"2026-11-23T21:53:18Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"array_of_one", R"([{"log":"@L@","@timestamp":1795536387}])", "mta1", "postfix/smtp", "1795470798"},
                {"rfc5424_inside",
                 R"({"message":"<22>1 2026-11-23T21:53:18Z mta1 postfix/smtp 658 - - @M@","timestamp":"2026-11-25T00:00:00Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
                {"own_stamp_wins_in_container",
                 R"({"log":"2026-11-23T21:53:18Z mta1 postfix/smtp[658]: @M@\n","stream":"stdout","time":"2026-11-23T21:53:19Z"})",
                 "mta1", "postfix/smtp", "1795470798"},
};

std::string name_of(const testing::TestParamInfo<Shape>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(All, EnvelopeShippers, testing::ValuesIn(kShapes), name_of);

}  // namespace
}  // namespace dsnwatch::ingest
