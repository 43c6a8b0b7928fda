#include "daemon/report/retried_recipients.h"

#include <algorithm>

#include "core/series/seeded_hash.h"

namespace dsnwatch::daemon {
namespace {

/// Domains do not know case, and hardly a server's local parts do.
std::uint64_t address_hash(std::string_view address) {
  std::array<char, 320> lower;
  const std::size_t size = std::min(address.size(), lower.size());
  std::transform(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(size), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return core::seeded_hash({lower.data(), size});
}

}  // namespace

void RetriedRecipients::add(const core::Attempt& attempt, const core::Verdict& verdict) {
  if (attempt.recipient.empty()) return;
  const std::uint64_t hash = address_hash(attempt.recipient);
  const std::uint64_t message = core::seeded_hash(attempt.queue_id) ^ (core::seeded_hash(attempt.host) << 1);
  const std::uint32_t found = index_.find(hash, [&](std::uint32_t at) { return known_[at].recipient == hash; });
  if (found == core::FlatIndex::kNone) {
    complete_ = complete_ && known_.size() < most_;
    if (known_.size() >= most_) return;
    index_.insert(hash, static_cast<std::uint32_t>(known_.size()));
    known_.push_back({hash, message, false});
    return;
  }
  Known& known = known_[found];
  if (known.message == message) return;  // The same message's record twice is no second try.
  known.message = message;
  if (!known.counted) ++recipients_;
  known.counted = true;
  again_ += attempt.count;
  causes_[static_cast<std::size_t>(verdict.cause)] += attempt.count;
  if (attempt.time_us != core::kNoTime && (first_us_ == core::kNoTime || attempt.time_us < first_us_))
    first_us_ = attempt.time_us;
}

core::Cause RetriedRecipients::main_cause() const {
  return static_cast<core::Cause>(std::max_element(causes_.begin(), causes_.end()) - causes_.begin());
}

}  // namespace dsnwatch::daemon
