#include "core/classify/shipped_row.h"

#include <cstdlib>
#include <string>

namespace dsnwatch::core {
namespace {

std::vector<std::string> items(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t end = list.find('\x1f');
    out.emplace_back(list.substr(0, end));
    list.remove_prefix(end + 1);
  }
  return out;
}

RuleSpec unpack_rule(const RuleRow& row) {
  RuleSpec rule;
  rule.id = row.id;
  rule.cause = static_cast<Cause>(row.cause);
  for (const std::string& name : items(row.secondary)) rule.secondary.push_back(*parse_cause(name));
  rule.provider = row.provider;
  rule.stage = items(row.stage);
  rule.side = static_cast<Side>(row.side);
  rule.enhanced_code = items(row.enhanced_code);
  rule.reply_code = items(row.reply_code);
  rule.code = row.code;
  rule.match = row.match;
  const std::vector<std::string> extract = items(row.extract);
  for (std::size_t i = 0; i + 1 < extract.size(); i += 2) rule.extract.emplace_back(extract[i], extract[i + 1]);
  rule.blocklist = row.blocklist;
  rule.action = static_cast<Action>(row.action);
  rule.decisive = row.decisive;
  rule.tells_provider = row.tells_provider;
  rule.priority = row.priority;
  const std::vector<std::string> examples = items(row.examples);
  for (std::size_t i = 0; i + 5 < examples.size(); i += 6) {
    rule.examples.push_back({examples[i], examples[i + 1], static_cast<Side>(std::atoi(examples[i + 2].c_str())),
                             examples[i + 3], examples[i + 4], examples[i + 5]});
  }
  rule.reference = row.reference;
  rule.file = row.file;
  rule.line = row.line;
  rule.column = row.column;
  return rule;
}

}  // namespace

std::vector<ProviderSpec> unpack(std::span<const ProviderRow> rows) {
  std::vector<ProviderSpec> providers;
  providers.reserve(rows.size());
  for (const ProviderRow& row : rows) {
    providers.push_back({std::string(row.id), std::string(row.title), items(row.mx_suffixes),
                         items(row.recipient_domains), items(row.reply_marks), std::string(row.postmaster_url),
                         std::string(row.contact)});
  }
  return providers;
}

std::vector<RuleSpec> unpack(std::span<const RuleRow> rows) {
  std::vector<RuleSpec> rules;
  rules.reserve(rows.size());
  for (const RuleRow& row : rows) rules.push_back(unpack_rule(row));
  return rules;
}

}  // namespace dsnwatch::core
