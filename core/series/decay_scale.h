#pragma once

#include <algorithm>
#include <cmath>

#include "core/clock.h"

namespace dsnwatch::core {

/// Weights with a half-life that need no touching as time passes (forward decay): each is kept as it would have to be
/// at the origin, so that all of them age alike and their ratios are plain quotients. Weight at `now` = kept /
/// unit(now) in attempts; an attempt at `now` adds unit(now).
class DecayScale {
 public:
  static constexpr double kHalfLifeMs = 600'000;  // Design section 5: bounds.

  explicit DecayScale(MonotonicMs origin) : origin_(origin) {}

  double unit(MonotonicMs at) const { return std::exp2(static_cast<double>(at - origin_) / kHalfLifeMs); }

  /// Moves the origin so that the numbers stay small; 0, or the exponent of 2 that kept weights must be multiplied by.
  int rebase(MonotonicMs now) {
    constexpr int kFar = 256;
    const double age = static_cast<double>(now - origin_) / kHalfLifeMs;
    if (age < kFar) return 0;
    const int halvings = static_cast<int>(std::min(age, 1'000'000.0));
    origin_ += static_cast<MonotonicMs>(halvings * kHalfLifeMs);
    return -halvings;
  }

 private:
  MonotonicMs origin_;
};

}  // namespace dsnwatch::core
