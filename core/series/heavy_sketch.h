#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/series/seeded_hash.h"

namespace dsnwatch::core {

/// Weighs the values that own no series: a space-saving sketch (Metwally, Agrawal, El Abbadi, 2005). A value that is
/// new takes the place of the lightest and inherits its weight as possible error, so what a value surely has is
/// `weight - error`: a flood of one-off values makes nobody heavy.
///
/// Weights are in whatever unit the caller keeps constant (see DecayScale).
class HeavySketch {
 public:
  static constexpr MonotonicMs kNotHeavy = -1;

  struct Entry {
    std::string value;
    double weight = 0;
    double error = 0;
    MonotonicMs heavy_since = kNotHeavy;  ///< The caller's: since when it could displace an owner.
    std::uint32_t heap_place = 0;

    double certain() const { return weight - error; }
  };

  explicit HeavySketch(std::size_t capacity) : capacity_(capacity) {}

  void add(std::string_view value, double weight);

  /// Forgets a value; its certain weight, 0 if it was not there.
  double take(std::string_view value);

  std::vector<Entry>& entries() { return entries_; }

  /// All weights times 2^exponent; their order stays.
  void rescale(int exponent);

 private:
  void sift_down(std::size_t place);
  void sift_up(std::size_t place);
  void put(std::size_t place, std::uint32_t entry);
  double weight_at(std::size_t place) const { return entries_[heap_[place]].weight; }

  std::size_t capacity_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> heap_;  // The lightest first.
  std::unordered_map<std::string, std::uint32_t, SeededStringHash, std::equal_to<>> by_value_;
};

}  // namespace dsnwatch::core
