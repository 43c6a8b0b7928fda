#include "daemon/config/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace dsnwatch::daemon {
namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

constexpr std::array<Unit, 5> kDurations = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes = {{{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"B", 1}}};

/// Takes a number from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The value of the unit that the letters at the front of `text` spell, which it takes; 0 if there is none.
template <std::size_t n>
std::uint64_t take_unit(std::string_view& text, const std::array<Unit, n>& units) {
  const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(name.size());
  for (const auto& [unit, value] : units) {
    if (unit == name) return value;
  }
  return 0;
}

template <std::size_t n>
std::optional<std::uint64_t> parse_sum(std::string_view text, const std::array<Unit, n>& units) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t sum = 0;
  do {
    const auto number = take_number(text);
    const std::uint64_t unit = number ? take_unit(text, units) : 0;
    if (unit == 0 || *number > (kMax - sum) / unit) return std::nullopt;
    sum += *number * unit;
  } while (!text.empty());
  return sum;
}

/// In the largest unit that needs no fraction.
template <std::size_t n>
std::string format_exactly(std::uint64_t value, const std::array<Unit, n>& units) {
  for (const auto& [unit, size] : units) {
    if (value >= size && value % size == 0) return std::to_string(value / size) + std::string(unit);
  }
  return std::to_string(value);
}

}  // namespace

std::optional<core::MonotonicMs> parse_duration(std::string_view text) {
  if (text == "0") return 0;
  const auto sum = parse_sum(text, kDurations);
  if (!sum) return std::nullopt;
  return static_cast<core::MonotonicMs>(*sum);
}

std::string format_duration(core::MonotonicMs milliseconds) {
  return milliseconds == 0 ? "0s" : format_exactly(static_cast<std::uint64_t>(milliseconds), kDurations);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_number(text)) return bytes;
  return parse_sum(text, kSizes);
}

std::string format_size(std::uint64_t bytes) {
  return format_exactly(bytes, kSizes);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const auto number = take_number(text);
  if (!number || !text.empty()) return std::nullopt;
  return number;
}

}  // namespace dsnwatch::daemon
