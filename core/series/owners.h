#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/series/decay_scale.h"
#include "core/series/heavy_sketch.h"
#include "core/series/seeded_hash.h"
#include "core/series/series_key.h"

namespace dsnwatch::core {

/// Which values of one bounded label own series (design section 5: bounds). A value owns its series until it has been
/// idle for a day or is displaced by one that held four times its weight for five minutes; a displaced one's last
/// values stand for five minutes more ("leaving"), in which its counts go to `other` already.
class Owners {
 public:
  static constexpr MonotonicMs kIdle = 86'400'000;
  static constexpr MonotonicMs kHeavyFor = 300'000;
  static constexpr MonotonicMs kLastValueStands = 300'000;
  static constexpr double kHeavier = 4;

  Owners(std::size_t limit, MonotonicMs now);

  /// The id under which a value's counts go now: its own, a new one if there is room, else kOtherValue.
  std::uint32_t count(std::string_view value, std::uint64_t attempts, MonotonicMs now);

  /// Displaces, and finds whose series are to go now: due().
  void advance(MonotonicMs now);
  const std::vector<std::uint32_t>& due() const { return due_; }

  /// The series of a due owner are gone: its id is free. Or they can't go yet: the last value stands anew.
  void release(std::uint32_t id);
  void postpone(std::uint32_t id, MonotonicMs now);

  std::string_view text(std::uint32_t id) const { return owners_[id].value; }
  std::size_t ids() const { return owners_.size(); }
  std::optional<std::uint32_t> find(std::string_view value) const;

  std::size_t active() const { return active_; }
  std::size_t limit() const { return limit_; }
  std::uint64_t overflowed() const { return overflowed_; }

  /// What the ledger keeps of an owner. The sketch is not kept: after a restart who wants to displace an owner must
  /// show its weight again, five minutes long.
  struct Kept {
    double weight = 0;  ///< Attempts, as of `last_seen`.
    MonotonicMs last_seen = 0;
    bool leaving = false;
  };
  std::optional<Kept> kept(std::string_view value) const;
  void restore(std::string_view value, const Kept& kept, MonotonicMs now);
  /// After a restore under a lower limit: the lightest leave.
  void retire_surplus(MonotonicMs now);

  /// Values whose Kept changed noticeably since the last call.
  std::vector<std::string> take_touched();

 private:
  enum class State : std::uint8_t { kFree, kActive, kLeaving };
  struct Owner {
    std::string value;
    State state = State::kFree;
    double weight = 0;  // As all weights here: in the unit of scale_.
    double kept_weight = 0;
    MonotonicMs last_seen = 0;
    MonotonicMs leaving_since = 0;
  };

  std::uint32_t make_owner(std::string_view value, double weight, MonotonicMs now);
  void leave(std::uint32_t id, MonotonicMs now);
  void displace(MonotonicMs now);
  std::vector<std::uint32_t> lightest_first() const;
  void rebase(MonotonicMs now);
  void touch(Owner& owner);

  std::size_t limit_;
  std::size_t active_ = 0;
  std::uint64_t overflowed_ = 0;
  MonotonicMs weighed_at_;
  DecayScale scale_;
  HeavySketch sketch_;
  std::vector<Owner> owners_;  // By id.
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string, std::uint32_t, SeededStringHash, std::equal_to<>> by_value_;
  std::vector<std::uint32_t> due_;
  std::vector<std::string> touched_;
};

}  // namespace dsnwatch::core
