#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace dsnwatch::core {

/// A label whose values come from the log and are bounded (design section 5): each has an owner table of its own.
enum class BoundedLabel : std::uint8_t { kDomain, kSenderDomain, kSourceIp, kStream, kClientIp, kHost };
inline constexpr int kBoundedLabelCount = 6;

/// The mail families of design section 5. The order is part of the ledger: append, never reorder.
enum class Family : std::uint8_t {
  kAttempts,
  kRejections,
  kExpired,
  kSuspended,
  kDomainAttempts,
  kDomainRejections,
  kIpAttempts,
  kIpRejections,
  kSenderAttempts,
  kSenderRejections,
  kStreamAttempts,
  kStreamRejections,
  kBlocklistRejections,
  kInboundRejections,
  kDsnRejections,
  kComplaints,
  kDeliveryDelay,
  kUnclassified,
};
inline constexpr int kFamilyCount = 18;

/// What `metrics list` and the exposition say about a family.
struct FamilyInfo {
  std::string_view name;  ///< "dsnwatch_attempts_total"
  std::string_view type;  ///< "counter" or "histogram"
  std::string_view help;
  std::span<const std::string_view> labels;  ///< In the order in which they are rendered.
  /// Rendered behind the others, and only where the configuration (`labels`) asks for them.
  std::span<const std::string_view> optional_labels;
};
const FamilyInfo& info(Family family);

/// Upper bounds of dsnwatch_delivery_delay_seconds; +Inf follows.
inline constexpr std::array<double, 13> kDelayBuckets = {1,    5,    15,    30,    60,    300,   900,
                                                         1800, 3600, 14400, 43200, 86400, 432000};

}  // namespace dsnwatch::core
