#include "core/series/owners.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dsnwatch::core {
namespace {

// Forced checkpoints may follow each other closely; weights are compared no more often than this.
constexpr MonotonicMs kWeighEvery = 500;
// Entries of the sketch for each owner (design section 5).
constexpr std::size_t kSketchEntries = 8;

}  // namespace

Owners::Owners(std::size_t limit, MonotonicMs now)
    : limit_(limit),
      weighed_at_(now - kWeighEvery),
      scale_(now),
      sketch_(kSketchEntries * limit),
      owners_(kFirstValue) {
  owners_[kOtherValue].value = "other";
  owners_[kUnknownValue].value = "unknown";
  owners_[kNullSender].value = "<>";
}

std::uint32_t Owners::count(std::string_view value, std::uint64_t attempts, MonotonicMs now) {
  const double weight = static_cast<double>(attempts) * scale_.unit(now);
  const auto known = by_value_.find(value);
  if (known != by_value_.end() && owners_[known->second].state == State::kActive) {
    Owner& owner = owners_[known->second];
    owner.weight += weight;
    owner.last_seen = now;
    // Kept weights lag by at most one half-life: a steady owner is written once in ten minutes.
    if (owner.weight > 2 * owner.kept_weight) touch(owner);
    return known->second;
  }
  if (known == by_value_.end() && active_ < limit_) {
    const double earlier = sketch_.take(value);
    return make_owner(value, earlier + weight, now);
  }
  sketch_.add(value, weight);
  overflowed_ += attempts;
  return kOtherValue;
}

std::uint32_t Owners::make_owner(std::string_view value, double weight, MonotonicMs now) {
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(owners_.size());
    owners_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  owners_[id] = {std::string(value), State::kActive, weight, 0, now, 0};
  by_value_.emplace(value, id);
  ++active_;
  touch(owners_[id]);
  return id;
}

void Owners::touch(Owner& owner) {
  owner.kept_weight = owner.weight;
  touched_.push_back(owner.value);
}

void Owners::leave(std::uint32_t id, MonotonicMs now) {
  owners_[id].state = State::kLeaving;
  owners_[id].leaving_since = now;
  --active_;
  touch(owners_[id]);
}

void Owners::advance(MonotonicMs now) {
  due_.clear();
  if (now - weighed_at_ >= kWeighEvery) {
    weighed_at_ = now;
    rebase(now);
    displace(now);
  }
  for (std::uint32_t id = kFirstValue; id < owners_.size(); ++id) {
    const Owner& owner = owners_[id];
    const bool left = owner.state == State::kLeaving && now - owner.leaving_since >= kLastValueStands;
    const bool idle = owner.state == State::kActive && now - owner.last_seen >= kIdle;
    if (left || idle) due_.push_back(id);
  }
}

std::vector<std::uint32_t> Owners::lightest_first() const {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = kFirstValue; id < owners_.size(); ++id) {
    if (owners_[id].state == State::kActive) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end(), [this](std::uint32_t a, std::uint32_t b) {
    return owners_[a].weight != owners_[b].weight ? owners_[a].weight < owners_[b].weight : a < b;
  });
  return ids;
}

void Owners::displace(MonotonicMs now) {
  if (limit_ == 0 || active_ < limit_) return;  // While there is room whoever is counted next takes it.
  double lightest = INFINITY;
  for (const Owner& owner : owners_) {
    if (owner.state == State::kActive) lightest = std::min(lightest, owner.weight);
  }
  std::vector<std::pair<double, std::string>> heavy;
  for (HeavySketch::Entry& entry : sketch_.entries()) {
    const double certain = entry.certain();
    if (certain <= 0 || certain < kHeavier * lightest) {
      entry.heavy_since = HeavySketch::kNotHeavy;
    } else if (entry.heavy_since == HeavySketch::kNotHeavy) {
      entry.heavy_since = now;
    } else if (now - entry.heavy_since >= kHeavyFor && !by_value_.contains(entry.value)) {
      heavy.emplace_back(certain, entry.value);
    }
  }
  if (heavy.empty()) return;
  std::sort(heavy.begin(), heavy.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  const std::vector<std::uint32_t> owners = lightest_first();
  for (std::size_t at = 0; at < std::min(heavy.size(), owners.size()); ++at) {
    const Owner& owner = owners_[owners[at]];
    if (heavy[at].first < kHeavier * owner.weight) break;
    leave(owners[at], now);
    sketch_.take(heavy[at].second);
    sketch_.add(owner.value, owner.weight);
    make_owner(heavy[at].second, heavy[at].first, now);
  }
}

void Owners::rebase(MonotonicMs now) {
  const int exponent = scale_.rebase(now);
  if (exponent == 0) return;
  for (Owner& owner : owners_) {
    owner.weight = std::ldexp(owner.weight, exponent);
    owner.kept_weight = std::ldexp(owner.kept_weight, exponent);
  }
  sketch_.rescale(exponent);
}

void Owners::release(std::uint32_t id) {
  Owner& owner = owners_[id];
  if (owner.state == State::kActive) --active_;
  touch(owner);
  by_value_.erase(owner.value);
  owner = Owner{};
  free_.push_back(id);
}

void Owners::postpone(std::uint32_t id, MonotonicMs now) {
  owners_[id].leaving_since = now;
}

std::optional<std::uint32_t> Owners::find(std::string_view value) const {
  for (std::uint32_t id = 0; id < kFirstValue; ++id) {
    if (owners_[id].value == value) return id;
  }
  const auto known = by_value_.find(value);
  if (known == by_value_.end()) return std::nullopt;
  return known->second;
}

std::optional<Owners::Kept> Owners::kept(std::string_view value) const {
  const auto known = by_value_.find(value);
  if (known == by_value_.end()) return std::nullopt;
  const Owner& owner = owners_[known->second];
  return Kept{owner.weight / scale_.unit(owner.last_seen), owner.last_seen, owner.state == State::kLeaving};
}

void Owners::restore(std::string_view value, const Kept& kept, MonotonicMs now) {
  if (find(value)) return;
  const std::uint32_t id = make_owner(value, kept.weight * scale_.unit(kept.last_seen), now);
  owners_[id].last_seen = kept.last_seen;
  if (kept.leaving) leave(id, now);
  touched_.clear();
}

void Owners::retire_surplus(MonotonicMs now) {
  for (const std::uint32_t id : lightest_first()) {
    if (active_ <= limit_) break;
    leave(id, now);
  }
}

std::vector<std::string> Owners::take_touched() {
  return std::exchange(touched_, {});
}

}  // namespace dsnwatch::core
