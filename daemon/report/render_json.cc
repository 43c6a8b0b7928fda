#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "daemon/report/content.h"
#include "daemon/report/render.h"
#include "daemon/report/standouts.h"
#include "daemon/report/utc_time.h"

namespace dsnwatch::daemon {
namespace {

/// Of text that is printable UTF-8 (daemon/report/printable.h).
void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"' && text[at] != '\\') continue;
    out.append(text, from, at - from).push_back('\\');
    from = at;
  }
  out.append(text, from).push_back('"');
}

/// Behind `before`: a quoted name and a colon.
void append_number(std::string& out, std::string_view before, std::uint64_t number) {
  std::array<char, std::numeric_limits<std::uint64_t>::digits10 + 1> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(before).append(digits.data(), end);
}

void append_counts(std::string& out, const Counts& counts) {
  append_number(out, "\"delivered\":", counts.delivered);
  append_number(out, ",\"deferred\":", counts.deferred);
  append_number(out, ",\"bounced\":", counts.bounced);
  append_number(out, ",\"expired\":", counts.expired);
  append_number(out, ",\"rejections\":", counts.rejections);
  append_number(out, ",\"internal\":", counts.internal);
  append_number(out, ",\"suspended\":", counts.suspended);
}

void append_times(std::string& out, std::int64_t first_us, std::int64_t last_us) {
  if (first_us == core::kNoTime) return;
  out.append(",\"first\":\"").append(rfc3339_utc(first_us));
  out.append("\",\"last\":\"").append(rfc3339_utc(last_us)).append("\"");
}

void write_list(const Report& report, const NamedList& list, std::size_t top, std::ostream& out) {
  constexpr std::size_t kBlock = 64u << 10;  // So much is written at once.
  std::string line;
  out << ",\n\"" << list.name << "\":[";
  const char* separator = "\n";
  for (const Row* row : ranked(report.*list.rows, top)) {
    line += separator;
    separator = ",\n";
    line += "{\"key\":";
    append_string(line, row->key);
    line += ',';
    append_counts(line, row->counts);
    append_times(line, row->first_us, row->last_us);
    if (const std::string_view example = report.texts.at(row->causes.main().text); !example.empty()) {
      line += ",\"example\":";
      append_string(line, example);
    }
    line += '}';
    if (line.size() < kBlock) continue;
    out << line;
    line.clear();
  }
  out << line << ']';
}

void write_inbound(const Report& report, std::size_t top, std::ostream& out) {
  std::string line;
  out << ",\n\"inbound\":{\"total\":" << report.inbound.attempts() << ",\"rejected\":" << report.inbound.bounced
      << ",\"deferred\":" << report.inbound.deferred << ",\"replies\":[";
  const char* separator = "\n";
  for (const Row* row : ranked(report.inbound_replies, top)) {
    line = separator;
    separator = ",\n";
    line += "{\"key\":";
    append_string(line, row->key);
    line += ",\"cause\":";
    append_string(line, core::name(row->causes.main().cause));
    line += ',';
    append_number(line, "\"rejected\":", row->counts.bounced);
    line += ',';
    append_number(line, "\"deferred\":", row->counts.deferred);
    append_times(line, row->first_us, row->last_us);
    out << line << '}';
  }
  out << "]}";
}

void write_unclassified(const UnclassifiedReplies& unclassified, std::size_t top, std::ostream& out) {
  std::string line;
  out << ",\n\"unclassified\":{\"total\":" << unclassified.total() << ",\"not_listed\":" << unclassified.not_listed()
      << ",\"replies\":[";
  const char* separator = "\n";
  for (const UnclassifiedReplies::Reply* reply : unclassified.ranked(top)) {
    line = separator;
    separator = ",\n";
    line += "{\"key\":";
    append_string(line, reply->text);
    line += ",\"cause\":";
    append_string(line, core::name(reply->cause));
    line += ',';
    append_number(line, "\"count\":", reply->count);
    append_times(line, reply->first_us, reply->last_us);
    out << line << '}';
  }
  out << "]}";
}

void write_findings(const Report& report, std::ostream& out) {
  std::string line;
  out << ",\n\"findings\":[";
  const char* separator = "\n";
  for (const Finding* finding : costliest(report, kCostliest)) {
    line = separator;
    separator = ",\n";
    line += "{\"provider\":";
    append_string(line, report.provider_names->id(finding->provider));
    line += ",\"cause\":";
    append_string(line, core::name(finding->cause));
    line += ',';
    append_counts(line, finding->row.counts);
    append_times(line, finding->row.first_us, finding->row.last_us);
    line += ",\"remedy\":";
    append_string(line, first_remedy(report, *finding));
    out << line << '}';
  }
  out << "],\n\"standouts\":[";
  separator = "\n";
  for (const std::string& sentence : standouts(report)) {
    line = separator;
    separator = ",\n";
    append_string(line, sentence);
    out << line;
  }
  out << ']';
}

}  // namespace

void render_json(const Report& report, const RenderOptions& options, std::ostream& out) {
  std::string attempts;
  append_counts(attempts, report.attempts);
  out << "{\"lines\":" << report.lines << ",\"bytes\":" << report.bytes << ",\"unparsed\":" << report.unparsed
      << ",\n\"attempts\":{" << attempts << '}';
  for (const NamedList& list : kLists) write_list(report, list, options.top, out);
  write_inbound(report, options.top, out);
  write_unclassified(report.unclassified, options.top, out);
  write_findings(report, out);
  out << "}\n";
}

}  // namespace dsnwatch::daemon
