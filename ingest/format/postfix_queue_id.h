#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dsnwatch::ingest {

namespace queue_id_detail {

enum : std::uint8_t { kShort = 1, kLong = 2 };

constexpr std::array<std::uint8_t, 256> classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned char c : std::string_view("0123456789ABCDEF")) table[c] |= kShort;
  for (unsigned char c : std::string_view("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")) table[c] |= kLong;
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = classes();

}  // namespace queue_id_detail

/// The length of the queue id that `text` begins with and that ": " ends, or 0. Short ids are upper-case hexadecimal,
/// long ones (enable_long_queue_ids) have no vowels, so no English word ("warning: ") passes for one
/// (Postfix src/global/mail_queue.h).
inline std::size_t postfix_queue_id_length(std::string_view text) {
  namespace detail = queue_id_detail;
  constexpr std::size_t kShortest = 5, kLongest = 32;
  std::uint8_t kinds = detail::kShort | detail::kLong;
  const std::size_t limit = text.size() < kLongest ? text.size() : kLongest;
  std::size_t size = 0;
  while (size < limit) {
    kinds &= detail::kClasses[static_cast<unsigned char>(text[size])];
    if (kinds == 0) break;
    ++size;
  }
  if (size < kShortest || size + 1 >= text.size() || text[size] != ':' || text[size + 1] != ' ') return 0;
  return size;
}

}  // namespace dsnwatch::ingest
