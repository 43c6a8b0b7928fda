#include "daemon/report/content.h"

#include <algorithm>
#include <cstdio>

#include "core/classify/blocklists.h"
#include "core/remedies.h"
#include "daemon/report/printable.h"
#include "daemon/report/utc_time.h"

namespace dsnwatch::daemon {
namespace {

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

/// "1 bounce", "2 bounces"
std::string count_of(std::uint64_t number, const std::string& one) {
  return grouped(number) + " " + one + (number == 1 ? "" : "s");
}

/// "3 bounced, 1 expired" of what is not zero.
std::string losses(const Counts& counts) {
  std::string text;
  const struct {
    std::uint64_t number;
    const char* what;
  } parts[] = {{counts.bounced, "bounced"}, {counts.expired, "expired"}, {counts.deferred, "deferred"}};
  for (const auto& part : parts) {
    if (part.number > 0) text += (text.empty() ? "" : ", ") + grouped(part.number) + " " + part.what;
  }
  return text;
}

/// "unauthenticated", with its share where it is not the only cause.
std::string main_cause(const Row& row) {
  const CauseCounts::Cell main = row.causes.main();
  if (main.count == 0) return "-";
  std::string text(core::name(main.cause));
  if (main.count < row.counts.rejections) text += " " + share(main.count, row.counts.rejections);
  return text;
}

/// For a cell of a table.
std::string short_example(const Report& report, const Row& row) {
  std::string text(report.texts.at(row.causes.main().text));
  constexpr std::size_t kCellSize = 100;
  cut_to(text, kCellSize);
  return text;
}

bool troubled(const Row& row) {
  return row.counts.rejections > 0 || row.counts.expired > 0;
}

/// Of a row that stands for somebody mail goes to or comes from.
constexpr std::string_view kPartyColumns[] = {"attempts", "delivered",       "deferred", "bounced",
                                              "expired",  "first rejection", "mainly"};

std::vector<std::string> party_cells(const Row& row) {
  const Counts& counts = row.counts;
  return {std::string(row.key),
          grouped(counts.attempts()),
          share(counts.delivered, counts.attempts()),
          grouped(counts.deferred),
          grouped(counts.bounced),
          grouped(counts.expired),
          minute_utc(row.first_us),
          main_cause(row)};
}

std::string title_of(const char* what, std::size_t shown, std::size_t all) {
  std::string title = what;
  if (shown < all) title += " (" + grouped(shown) + " of " + grouped(all) + ")";
  return title;
}

std::vector<const Row*> shown_rows(const RowTable& list, std::size_t top, bool all) {
  std::vector<const Row*> rows = ranked(list, top);
  if (!all) std::erase_if(rows, [](const Row* row) { return !troubled(*row); });
  return rows;
}

std::size_t troubled_rows(const RowTable& list) {
  return static_cast<std::size_t>(std::count_if(list.rows().begin(), list.rows().end(), troubled));
}

Table party_table(const char* title, const char* key, const RowTable& list, std::size_t top, bool all) {
  const std::vector<const Row*> rows = shown_rows(list, top, all);
  Table table = {title_of(title, rows.size(), all ? list.rows().size() : troubled_rows(list)), {{key, false}}, {}};
  for (std::string_view column : kPartyColumns)
    table.columns.push_back({std::string(column), column != "first rejection" && column != "mainly"});
  for (const Row* row : rows) table.rows.push_back(party_cells(*row));
  return table;
}

Table cause_table(const Report& report, std::size_t top) {
  const std::vector<const Row*> rows = shown_rows(report.causes, top, /*all=*/false);
  Table table = {title_of("Why", rows.size(), troubled_rows(report.causes)),
                 {{"cause", false},
                  {"rejections", true},
                  {"bounced", true},
                  {"deferred", true},
                  {"expired", true},
                  {"first", false},
                  {"last", false},
                  {"meaning", false}},
                 {}};
  for (const Row* row : rows) {
    const auto cause = core::parse_cause(row->key);
    table.rows.push_back({std::string(row->key), grouped(row->counts.rejections), grouped(row->counts.bounced),
                          grouped(row->counts.deferred), grouped(row->counts.expired), minute_utc(row->first_us),
                          minute_utc(row->last_us), cause ? std::string(core::meaning(*cause)) : std::string()});
  }
  return table;
}

Table code_table(const Report& report, const char* title, const char* key, const RowTable& list, std::size_t top) {
  const std::vector<const Row*> rows = shown_rows(list, top, /*all=*/false);
  Table table = {title_of(title, rows.size(), list.rows().size()),
                 {{key, false},
                  {"rejections", true},
                  {"first", false},
                  {"last", false},
                  {"mainly", false},
                  {"for example", false}},
                 {}};
  for (const Row* row : rows) {
    table.rows.push_back({std::string(row->key), grouped(row->counts.rejections), minute_utc(row->first_us),
                          minute_utc(row->last_us), main_cause(*row), short_example(report, *row)});
  }
  return table;
}

Table inbound_table(const Report& report, std::size_t top) {
  const std::vector<const Row*> rows = ranked(report.inbound_replies, top);
  Table table = {title_of("Refused by this server itself", rows.size(), report.inbound_replies.rows().size()),
                 {{"times", true}, {"cause", false}, {"first", false}, {"last", false}, {"reply", false}},
                 {}};
  for (const Row* row : rows) {
    table.rows.push_back({grouped(row->counts.attempts()), std::string(core::name(row->causes.main().cause)),
                          minute_utc(row->first_us), minute_utc(row->last_us), std::string(row->key)});
  }
  return table;
}

Table unclassified_table(const Report& report, std::size_t top) {
  const auto replies = report.unclassified.ranked(top);
  Table table = {title_of("Replies that no rule knows (--unclassified prints rules to fill in)", replies.size(),
                          report.unclassified.size()),
                 {{"times", true}, {"taken for", false}, {"first", false}, {"last", false}, {"reply", false}},
                 {}};
  for (const UnclassifiedReplies::Reply* reply : replies) {
    table.rows.push_back({grouped(reply->count), std::string(core::name(reply->cause)), minute_utc(reply->first_us),
                          minute_utc(reply->last_us), reply->text});
  }
  return table;
}

std::string provider_title(const Report& report, core::ProviderId provider) {
  const core::ProviderSpec* spec = report.provider_names->spec(provider);
  if (spec != nullptr) return spec->title.empty() ? spec->id : spec->title;
  return provider == core::kOtherProvider ? "other servers" : std::string(report.provider_names->id(provider));
}

FindingText text_of(const Report& report, const Finding& finding) {
  const core::Remedy& remedy = core::remedy(finding.cause);
  const core::ProviderSpec* spec = report.provider_names->spec(finding.provider);
  const core::Blocklist& list = core::blocklist(finding.blocklist);
  std::string_view form = list.form;
  if (form.empty() && spec != nullptr) form = spec->contact.empty() ? spec->postmaster_url : spec->contact;
  const core::RemedyValues values = {.ip = finding.ip, .domain = finding.domain, .list_zone = list.zone, .form = form};
  FindingText text;
  text.headline = provider_title(report, finding.provider) + ": " + std::string(core::name(finding.cause));
  if (finding.enhanced.present()) text.headline += " (" + core::to_string(finding.enhanced) + ")";
  text.loss = losses(finding.row.counts);
  if (finding.row.first_us != core::kNoTime)
    text.loss += "; first " + minute_utc(finding.row.first_us) + ", last " + minute_utc(finding.row.last_us);
  text.example = report.texts.at(finding.row.causes.main().text);
  text.meaning = core::filled(remedy.what, values);
  text.first = core::filled(remedy.checks[0], values);
  text.fixer = core::filled(remedy.fixer, values);
  return text;
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::vector<std::string> summary(const Report& report) {
  const Counts& attempts = report.attempts;
  std::vector<std::string> lines;
  std::string read = count_of(report.lines, "line");
  if (report.first_us != core::kNoTime)
    read += ", deliveries from " + minute_utc(report.first_us) + " to " + minute_utc(report.last_us) + " UTC";
  lines.push_back(read);
  lines.push_back(count_of(attempts.attempts(), "delivery attempt") + ": " + grouped(attempts.delivered) +
                  " delivered (" + share(attempts.delivered, attempts.attempts()) + "), " + grouped(attempts.deferred) +
                  " deferred, " + grouped(attempts.bounced) + " bounced; " + count_of(attempts.expired, "recipient") +
                  " given up after retries");
  if (attempts.internal + attempts.suspended > 0) {
    lines.push_back("among them " + grouped(attempts.internal) + " on inner hops, " + grouped(attempts.suspended) +
                    " put off without trying (suspended)");
  }
  if (report.inbound.attempts() > 0)
    lines.push_back(count_of(report.inbound.attempts(), "refusal") + " by this server itself");
  if (report.unparsed > 0)
    lines.push_back(count_of(report.unparsed, "record") + " shaped like a delivery or a refusal could not be read");
  return lines;
}

std::string first_remedy(const Report& report, const Finding& finding) {
  return text_of(report, finding).first;
}

std::vector<FindingText> findings(const Report& report, std::size_t top) {
  std::vector<FindingText> texts;
  for (const Finding* finding : costliest(report, top)) texts.push_back(text_of(report, *finding));
  return texts;
}

std::vector<Table> tables(const Report& report, std::size_t top) {
  std::vector<Table> all;
  all.push_back(party_table("Who rejects", "provider", report.providers, top, /*all=*/true));
  all.push_back(cause_table(report, top));
  all.push_back(party_table("Recipient domains", "domain", report.domains, top, /*all=*/false));
  all.push_back(party_table("Sender domains", "sender domain", report.sender_domains, top, /*all=*/false));
  all.push_back(party_table("Source IPs", "source IP", report.source_ips, top, /*all=*/false));
  all.push_back(code_table(report, "Enhanced status codes", "code", report.enhanced_codes, top));
  all.push_back(code_table(report, "Block lists", "list", report.blocklists, top));
  all.push_back(inbound_table(report, top));
  all.push_back(unclassified_table(report, top));
  std::erase_if(all, [](const Table& table) { return table.rows.empty(); });
  return all;
}

}  // namespace dsnwatch::daemon
