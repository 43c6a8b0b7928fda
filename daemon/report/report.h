#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/verdict.h"
#include "core/providers.h"
#include "daemon/report/retried_recipients.h"
#include "daemon/report/row_table.h"
#include "daemon/report/text_pool.h"
#include "daemon/report/volume_watch.h"
#include "daemon/unclassified_replies.h"

namespace dsnwatch::daemon {

/// What one provider refuses for one cause: the unit of advice. Inner hops are none.
struct Finding {
  core::ProviderId provider = core::kOtherProvider;
  core::Cause cause = core::Cause::kUnknown;
  Row row;                        ///< Its key is empty.
  core::EnhancedStatus enhanced;  ///< Of the first reply.
  // What the first reply that named one said, to fill a remedy in.
  std::string ip, domain;
  core::BlocklistId blocklist = core::kNoBlocklist;
};

/// What `report` knows when all files are read.
struct Report {
  explicit Report(std::shared_ptr<const core::Providers> known, std::size_t most_rows = kMostRows);

  std::shared_ptr<const core::Providers> provider_names;

  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;  ///< Of text, unpacked.
  std::uint64_t unparsed = 0;
  std::int64_t first_us = core::kNoTime;  ///< Of the first attempt; kNoTime if there was none.
  std::int64_t last_us = core::kNoTime;

  Counts attempts;
  RowTable causes, domains, providers, source_ips, sender_domains, enhanced_codes, blocklists;

  /// Our own server refusing others; by masked reply. Permanent refusals count as bounced, transient as deferred.
  Counts inbound;
  RowTable inbound_replies;

  UnclassifiedReplies unclassified;

  std::vector<std::unique_ptr<Finding>> findings;
  RetriedRecipients retried;
  VolumeWatch volumes;
  TextPool texts;
};

/// The lists of the report in the order in which they are printed.
struct NamedList {
  std::string_view name;  ///< As in the JSON: "causes".
  RowTable Report::* rows;
};
inline constexpr std::array<NamedList, 7> kLists = {{{"causes", &Report::causes},
                                                     {"domains", &Report::domains},
                                                     {"providers", &Report::providers},
                                                     {"source_ips", &Report::source_ips},
                                                     {"sender_domains", &Report::sender_domains},
                                                     {"enhanced_codes", &Report::enhanced_codes},
                                                     {"blocklists", &Report::blocklists}}};

/// The rows of a list, most rejections first (then expiries, attempts, key); at most `top` of them, 0 for all.
std::vector<const Row*> ranked(const RowTable& table, std::size_t top);

/// The findings that cost the most mail: by recipients lost (bounced or expired), then by rejections; at most `top`.
std::vector<const Finding*> costliest(const Report& report, std::size_t top);

}  // namespace dsnwatch::daemon
