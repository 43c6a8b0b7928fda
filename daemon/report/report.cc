#include "daemon/report/report.h"

#include <algorithm>
#include <tuple>

namespace dsnwatch::daemon {

Report::Report(std::shared_ptr<const core::Providers> known, std::size_t most_rows)
    : provider_names(std::move(known)),
      causes(most_rows),
      domains(most_rows),
      providers(most_rows),
      source_ips(most_rows),
      sender_domains(most_rows),
      enhanced_codes(most_rows),
      blocklists(most_rows),
      inbound_replies(most_rows) {}

std::vector<const Row*> ranked(const RowTable& table, std::size_t top) {
  std::vector<const Row*> rows;
  rows.reserve(table.rows().size());
  for (const Row& row : table.rows()) rows.push_back(&row);
  const std::size_t wanted = top == 0 ? rows.size() : std::min(top, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(wanted), rows.end(),
                    [](const Row* a, const Row* b) {
                      return std::tuple(b->counts.rejections, b->counts.expired, b->counts.attempts(), a->key) <
                             std::tuple(a->counts.rejections, a->counts.expired, a->counts.attempts(), b->key);
                    });
  rows.resize(wanted);
  return rows;
}

std::vector<const Finding*> costliest(const Report& report, std::size_t top) {
  std::vector<const Finding*> findings;
  for (const auto& finding : report.findings) findings.push_back(finding.get());
  std::sort(findings.begin(), findings.end(), [](const Finding* a, const Finding* b) {
    return std::tuple(b->row.counts.lost(), b->row.counts.rejections, a->provider, a->cause) <
           std::tuple(a->row.counts.lost(), a->row.counts.rejections, b->provider, b->cause);
  });
  findings.resize(std::min(top, findings.size()));
  return findings;
}

}  // namespace dsnwatch::daemon
