#include "daemon/report/volume_watch.h"

#include <algorithm>
#include <tuple>

#include "core/same_bytes.h"
#include "core/series/seeded_hash.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::uint64_t kSmall = 20;                                // With fewer attempts nobody stands out.
constexpr std::int32_t kFewestHours = 4;                            // Of a log, to know what is usual.
constexpr std::uint64_t kJump = 5;                                  // Times the usual.
constexpr std::uint64_t kLeastAttempts = 10, kLeastRejections = 4;  // What counts as usual at least.

std::uint64_t middle(std::vector<std::uint64_t>& values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

void VolumeWatch::add(const core::Attempt& attempt, std::string_view domain, std::uint64_t hash, bool rejected) {
  if (attempt.time_us == core::kNoTime) return;
  const bool account = !attempt.account.empty();
  const std::string_view name = account ? attempt.account : domain;
  if (name.empty()) return;
  Sender* sender = sender_of(name, account ? core::seeded_hash(name) : hash, account);
  if (sender == nullptr) return;
  sender->attempts += attempt.count;
  Hour* hour = hour_of(*sender, static_cast<std::int32_t>(attempt.time_us / kHourUs));
  if (hour == nullptr) return;
  hour->attempts += attempt.count;
  if (rejected) hour->rejections += attempt.count;
}

VolumeWatch::Sender* VolumeWatch::sender_of(std::string_view name, std::uint64_t hash, bool account) {
  constexpr std::size_t kLongest = 254;  // RFC 5321 section 4.5.3.1, an address.
  if (name.size() > kLongest) return nullptr;
  const auto same = [&](const Sender& sender) {
    return core::same_text(sender.name, name) && sender.account == account;
  };
  std::uint32_t found = index_.find(hash, [&](std::uint32_t at) { return same(senders_[at]); });
  if (found == core::FlatIndex::kNone) {
    if (senders_.size() >= kMostSenders) drop_small_senders();
    if (senders_.size() >= kMostSenders) return nullptr;
    found = static_cast<std::uint32_t>(senders_.size());
    senders_.push_back({std::string(name), account, 0, {}});
    index_.insert(hash, found);
  }
  return &senders_[found];
}

void VolumeWatch::drop_small_senders() {
  std::erase_if(senders_, [](const Sender& sender) { return sender.attempts < kSmall; });
  index_.clear();
  for (std::uint32_t at = 0; at < senders_.size(); ++at) index_.insert(core::seeded_hash(senders_[at].name), at);
}

/// nullptr for an hour before those that are kept.
VolumeWatch::Hour* VolumeWatch::hour_of(Sender& sender, std::int32_t number) {
  std::vector<Hour>& hours = sender.hours;
  if (!hours.empty() && hours.back().number == number) return &hours.back();
  auto place = std::lower_bound(hours.begin(), hours.end(), number,
                                [](const Hour& hour, std::int32_t wanted) { return hour.number < wanted; });
  if (place != hours.end() && place->number == number) return &*place;
  if (hours.size() >= kMostHours) {
    if (place == hours.begin()) return nullptr;
    --place;
    hours.erase(hours.begin());
  }
  return &*hours.insert(place, Hour{number, 0, 0});
}

std::vector<VolumeWatch::Jump> VolumeWatch::jumps(std::int64_t first_us, std::int64_t last_us, std::size_t top) const {
  std::vector<Jump> found;
  if (first_us == core::kNoTime) return found;
  const std::int64_t span = last_us / kHourUs - first_us / kHourUs + 1;
  if (span < kFewestHours) return found;
  for (const Sender& sender : senders_) {
    if (sender.attempts < kSmall) continue;
    const Hour& peak = *std::max_element(sender.hours.begin(), sender.hours.end(),
                                         [](const Hour& a, const Hour& b) { return a.rejections < b.rejections; });
    // Hours without mail count as well.
    const auto hours =
        std::max<std::size_t>(sender.hours.size(), static_cast<std::size_t>(std::min<std::int64_t>(span, kMostHours)));
    std::vector<std::uint64_t> attempts(hours), rejections(hours);
    for (std::size_t i = 0; i < sender.hours.size(); ++i) {
      attempts[i] = sender.hours[i].attempts;
      rejections[i] = sender.hours[i].rejections;
    }
    const std::uint64_t usual_attempts = middle(attempts), usual_rejections = middle(rejections);
    if (peak.attempts < kJump * std::max(usual_attempts, kLeastAttempts) ||
        peak.rejections < kJump * std::max(usual_rejections, kLeastRejections))
      continue;
    found.push_back({sender.name, sender.account, peak.number * kHourUs, peak.attempts, peak.rejections, usual_attempts,
                     usual_rejections});
  }
  std::sort(found.begin(), found.end(), [](const Jump& a, const Jump& b) {
    return std::tie(b.rejections, a.sender) < std::tie(a.rejections, b.sender);
  });
  if (found.size() > top) found.resize(top);
  return found;
}

}  // namespace dsnwatch::daemon
