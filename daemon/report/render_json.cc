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
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_number(std::string& out, std::string_view name, std::uint64_t number) {
  out.append("\"").append(name).append("\":").append(std::to_string(number));
}

void append_counts(std::string& out, const Counts& counts) {
  const struct {
    std::string_view name;
    std::uint64_t number;
  } fields[] = {{"delivered", counts.delivered}, {"deferred", counts.deferred},     {"bounced", counts.bounced},
                {"expired", counts.expired},     {"rejections", counts.rejections}, {"internal", counts.internal},
                {"suspended", counts.suspended}};
  for (const auto& field : fields) {
    if (field.name != "delivered") out += ',';
    append_number(out, field.name, field.number);
  }
}

void append_times(std::string& out, std::int64_t first_us, std::int64_t last_us) {
  if (first_us == core::kNoTime) return;
  out.append(",\"first\":\"").append(rfc3339_utc(first_us));
  out.append("\",\"last\":\"").append(rfc3339_utc(last_us)).append("\"");
}

void write_list(const Report& report, const NamedList& list, std::size_t top, std::ostream& out) {
  std::string line;
  out << ",\n\"" << list.name << "\":[";
  const char* separator = "\n";
  for (const Row* row : ranked(report.*list.rows, top)) {
    line = separator;
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
    out << line << '}';
  }
  out << ']';
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
    append_number(line, "rejected", row->counts.bounced);
    line += ',';
    append_number(line, "deferred", row->counts.deferred);
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
    append_number(line, "count", reply->count);
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
