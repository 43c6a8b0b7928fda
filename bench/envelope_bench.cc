// What it costs that a log comes wrapped: CPU time of the whole way from bytes to the report, for a log as it is and as
// records of log shippers, and beside it simdjson alone walking the same records. All in memory, the same blocks, the
// rounds interleaved; ratios are medians of the rounds' own. Fails if a wrapped log costs more than 1.6 times the plain
// one, or if the attempts differ. Filebeat's records, five times as long as the line, are measured in one order
// (limited) and as Go's maps really give their members out, begun anywhere: every branch is then a surprise, also to
// simdjson.
//
// Usage: envelope_bench [LOG]   (without one bench/genlog.py makes it)

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/pipeline.h"
#include "daemon/report/report_sink.h"
#include "daemon/rule_loading.h"
#include "ingest/envelope/syslog_line.h"

namespace {

using namespace dsnwatch;  // NOLINT: a program of one file

constexpr int kRounds = 9;
constexpr double kMostRatio = 1.6;
constexpr std::size_t kBlock = 256u << 10;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string read_log(int argc, char** argv) {
  std::string path = argc > 1 ? argv[1] : "";
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("dsnwatch-envelope-" + std::to_string(std::time(nullptr)));
  if (path.empty()) {
    std::filesystem::create_directories(folder);
    path = (folder / "mail.log").string();
    const std::string command = "python3 " DSNWATCH_SOURCE_DIR "/bench/genlog.py --lines 300000 --seed 7 --out " +
                                path + " --truth " + (folder / "truth.json").string();
    if (std::system(command.c_str()) != 0) std::exit(1);
  }
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  std::filesystem::remove_all(folder);
  return std::move(text).str();
}

/// As JSON; `slash` as rsyslog writes it, `angles` as Go's writers do.
std::string json(std::string_view text, bool slash, bool angles) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || (c == '/' && slash)) out += '\\';
    if (angles && (c == '<' || c == '>'))
      out += c == '<' ? "\\u003c" : "\\u003e";
    else
      out += c;
  }
  return out;
}

struct Parts {
  std::string_view line, host, tag, message;
  std::size_t number = 0, offset = 0;  ///< Of the line in its file.
};

struct Shipper {
  const char* name;
  std::string (*record)(const Parts&);
  bool limited = true;
};

std::string vector_file(const Parts& p) {
  return R"({"file":"/var/log/mail.log","host":"mta1","message":")" + json(p.line, false, false) +
         R"(","source_type":"file","timestamp":"2026-11-24T16:08:48.724838123Z"})";
}

/// An object that is begun at any of its members, as Go's maps are.
std::string begun_at(std::size_t begin, std::vector<std::string> members) {
  std::rotate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(begin % members.size()), members.end());
  std::string out;
  for (const std::string& member : members) out += (out.empty() ? "{" : ",") + member;
  return out + "}";
}

/// The shape of Filebeat 8's records: much more about the shipper than about the line.
std::string filebeat(const Parts& p, std::size_t begin) {
  const auto next = [&begin] { return begin /= 7; };
  const std::string os = begun_at(next(), {R"("type":"linux")", R"("platform":"debian")", R"("version":"12")",
                                           R"("family":"debian")", R"("kernel":"6.1.0-28-amd64")"});
  const std::string host =
      begun_at(next(), {R"("name":"mta1")", R"("hostname":"mta1")", R"("architecture":"x86_64")", R"("os":)" + os,
                        R"("containerized":false)", R"("ip":["10.20.0.11","2001:db8:14::11"])",
                        R"("mac":["02-00-00-14-00-11"])"});
  const std::string file = begun_at(next(), {R"("path":"/var/log/mail.log")", R"("inode":"131093")"});
  const std::string log = begun_at(next(), {R"("offset":)" + std::to_string(p.offset), R"("file":)" + file});
  const std::string agent = begun_at(next(), {R"("id":"24f13539-7e02-46c0-bd78-a1d9212f93f3")", R"("name":"mta1")",
                                              R"("type":"filebeat")", R"("version":"8.17.0")"});
  const std::string fields = begun_at(
      next(), {R"("host":)" + host, R"("ecs":{"version":"8.0.0"})", R"("message":")" + json(p.line, false, false) + '"',
               R"("input":{"type":"filestream"})", R"("log":)" + log, R"("agent":)" + agent});
  const std::string milliseconds = std::to_string(1000 + p.number % 1000).substr(1);
  return R"({"@timestamp":"2026-11-23T21:53:11.)" + milliseconds +
         R"(Z","@metadata":{"beat":"filebeat","type":"_doc","version":"8.17.0"},)" + fields.substr(1);
}

std::string filebeat_in_order(const Parts& p) {
  return filebeat(p, 0);
}

std::string filebeat_as_go(const Parts& p) {
  return filebeat(p, (p.number + 1) * 0x9E3779B97F4A7C15ull >> 8);
}

std::string fluent_bit(const Parts& p) {
  return R"({"@timestamp":1795536387.479593,"log":")" + json(p.line, false, false) + "\"}";
}

std::string docker(const Parts& p) {
  return R"({"log":")" + json(p.line, false, true) +
         R"(\n","stream":"stdout","time":"2026-11-24T16:08:48.724838123Z"})";
}

std::string rsyslog(const Parts& p) {
  return R"({"timereported":"2026-11-23T21:53:16.697789+00:00","hostname":")" + std::string(p.host) +
         R"(","facility":"mail","severity":"info","syslogtag":")" + json(p.tag, true, false) +
         R"(:","programname":"postfix","procid":"4711","msg":" )" + json(p.message, true, false) + "\"}";
}

std::string syslog_ng(const Parts& p) {
  const std::string program(p.tag.substr(0, p.tag.find('[')));
  return R"({"PROGRAM":")" + program + R"(","PRIORITY":"info","PID":"4711","MESSAGE":")" +
         json(p.message, false, false) + R"(","ISODATE":"2026-11-23T21:53:11+00:00","HOST":")" + std::string(p.host) +
         R"(","FACILITY":"mail"})";
}

std::string wrap(std::string_view log, const Shipper& shipper) {
  std::string out;
  std::size_t number = 0, offset = 0;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size() - 1);
    Parts parts{.line = log.substr(0, end), .host = {}, .tag = {}, .message = {}, .number = number++, .offset = offset};
    offset += end + 1;
    ingest::SyslogLine line;
    if (ingest::split_syslog_line(parts.line, line)) {
      parts.host = line.host;
      parts.tag = line.tag;
      parts.message = line.message;
    }
    out += shipper.record(parts);
    out += '\n';
    log.remove_prefix(end + 1);
  }
  return out;
}

struct Engine {
  std::shared_ptr<const core::Providers> providers =
      *core::Providers::build(core::shipped_providers(), core::default_internal_networks());
  std::shared_ptr<const core::RuleSet> rules = *daemon::load_rules({}, *providers);
};

/// CPU seconds from the bytes to the report's sums.
double report_seconds(const Engine& engine, std::string_view log, std::uint64_t& attempts) {
  daemon::Report report(engine.providers);
  daemon::ReportSink sink(report, daemon::TimeWindow{});
  ingest::Correlator correlator({.keep_message_ids = false});
  core::Classifier classifier(engine.rules, engine.providers);
  ingest::FormatSettings settings;
  settings.time.timezone = "UTC";
  daemon::Pipeline<daemon::ReportSink> pipeline(*ingest::make_format("auto", settings), correlator, classifier, sink);
  std::vector<char> buffer(kBlock);
  const double began = cpu_seconds();
  while (!log.empty()) {
    std::size_t size = log.size();
    if (size > kBlock) size = log.rfind('\n', kBlock - 1) + 1;
    std::memcpy(buffer.data(), log.data(), size);  // As reading does.
    pipeline.on_block({buffer.data(), size});
    log.remove_prefix(size);
  }
  pipeline.finish();
  const double seconds = cpu_seconds() - began;
  attempts = report.attempts.attempts();
  return seconds;
}

/// CPU seconds of simdjson's On-Demand over all records and their strings; `padded` has SIMDJSON_PADDING bytes more.
double simdjson_seconds(const std::string& padded, std::size_t size) {
  simdjson::ondemand::parser parser;
  std::uint64_t bytes = 0;
  const double began = cpu_seconds();
  for (std::size_t at = 0; at < size;) {
    const char* record = padded.data() + at;
    const auto length =
        static_cast<std::size_t>(static_cast<const char*>(std::memchr(record, '\n', size - at)) - record);
    auto document = parser.iterate(record, length, padded.size() - at);
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) std::exit(1);
    for (auto field : object) {
      std::string_view key, text;
      simdjson::ondemand::value value;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) std::exit(1);
      if (std::move(field.value()).get(value) != simdjson::SUCCESS) std::exit(1);
      if (value.type() == simdjson::ondemand::json_type::string && value.get_string().get(text) == simdjson::SUCCESS)
        bytes += key.size() + text.size();
    }
    at += length + 1;
  }
  const double seconds = cpu_seconds() - began;
  if (bytes == 0) std::exit(1);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string log = read_log(argc, argv);
  const auto lines = static_cast<double>(std::count(log.begin(), log.end(), '\n'));
  const Engine engine;
  constexpr Shipper kShippers[] = {{"docker", docker},
                                   {"filebeat", filebeat_in_order},
                                   {"fluent bit, tail", fluent_bit},
                                   {"rsyslog, parsed", rsyslog},
                                   {"syslog-ng, parsed", syslog_ng},
                                   {"vector, file", vector_file},
                                   {"filebeat, any order", filebeat_as_go, /*limited=*/false}};
  bool good = true;
  std::printf("%.0f lines, %.0f MB; %d rounds; at most %.1f\n", lines, static_cast<double>(log.size()) / 1e6, kRounds,
              kMostRatio);
  for (const Shipper& shipper : kShippers) {
    std::string wrapped = wrap(log, shipper);
    const std::size_t size = wrapped.size();
    wrapped.resize(size + simdjson::SIMDJSON_PADDING);
    const std::string_view records(wrapped.data(), size);
    std::vector<double> plain, with_envelope, ratios, alone;
    std::uint64_t plain_attempts = 0, wrapped_attempts = 0;
    for (int round = 0; round < kRounds; ++round) {
      plain.push_back(report_seconds(engine, log, plain_attempts));
      with_envelope.push_back(report_seconds(engine, records, wrapped_attempts));
      alone.push_back(simdjson_seconds(wrapped, size));
      ratios.push_back(with_envelope.back() / plain.back());
    }
    const double nanoseconds = 1e9 / lines;
    const double ratio = median(ratios);
    const bool right =
        (ratio <= kMostRatio || !shipper.limited) && plain_attempts == wrapped_attempts && plain_attempts > 0;
    std::printf("%-19s plain %4.0f ns a line, wrapped %4.0f, ratio %.2f; simdjson alone %4.0f ns (%.0f bytes)%s\n",
                shipper.name, median(plain) * nanoseconds, median(with_envelope) * nanoseconds, ratio,
                median(alone) * nanoseconds, static_cast<double>(size) / lines, right ? "" : "   WRONG");
    good = good && right;
  }
  return good ? 0 : 1;
}
