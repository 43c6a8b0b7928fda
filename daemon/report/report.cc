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
  // What they are compared by stands side by side: rows lie far apart.
  struct Place {
    std::uint64_t rejections, expired, attempts;
    const Row* row;
  };
  std::vector<Place> places;
  places.reserve(table.rows().size());
  for (const Row& row : table.rows())
    places.push_back({row.counts.rejections, row.counts.expired, row.counts.attempts(), &row});
  const auto before = [](const Place& a, const Place& b) {
    if (a.rejections != b.rejections) return a.rejections > b.rejections;
    if (a.expired != b.expired) return a.expired > b.expired;
    if (a.attempts != b.attempts) return a.attempts > b.attempts;
    return a.row->key < b.row->key;
  };
  const std::size_t wanted = top == 0 ? places.size() : std::min(top, places.size());
  if (wanted == places.size())
    std::sort(places.begin(), places.end(), before);
  else
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(wanted), places.end(), before);
  std::vector<const Row*> rows;
  rows.reserve(wanted);
  for (std::size_t i = 0; i < wanted; ++i) rows.push_back(places[i].row);
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
