#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ingest/format/postfix_queue_id.h"

namespace dsnwatch::ingest {

/// What a look at the head of a message tells: its queue id, and whether a message that begins so may matter.
struct PostfixGlance {
  std::size_t id_size = 0;  ///< 0: none.
  bool may_matter = false;
};

namespace glance_detail {

enum : std::uint8_t { kAlone = 1, kBehindId = 2 };

inline constexpr std::array<std::uint8_t, 256> kFirstLetters = [] {
  std::array<std::uint8_t, 256> letters{};
  // NOQUEUE, proxy-reject, message repeated, last message repeated
  for (unsigned char c : std::string_view("Npml")) letters[c] |= kAlone;
  // to, from, client, uid, message-id and milter-reject, removed and reject
  for (unsigned char c : std::string_view("tfcumr")) letters[c] |= kBehindId;
  return letters;
}();

}  // namespace glance_detail

/// The answers are put together without a branch each: which of a dozen kinds a line is of can't be guessed.
[[gnu::always_inline]] inline PostfixGlance glance_at(std::string_view message, bool wants_message_ids) {
  namespace detail = glance_detail;
  const std::size_t id_size = postfix_queue_id_length(message);
  const std::size_t begin = id_size == 0 ? 0 : id_size + 2;
  if (message.size() < begin + 2) return {};
  const auto first = static_cast<unsigned char>(message[begin]);
  const unsigned place = id_size == 0 ? detail::kAlone : detail::kBehindId;
  const unsigned message_id = static_cast<unsigned>(first == 'm') & static_cast<unsigned>(message[begin + 1] == 'e');
  const unsigned unwanted = message_id & (place >> 1) & static_cast<unsigned>(!wants_message_ids);
  return {id_size, (detail::kFirstLetters[first] & place & ~(unwanted << 1)) != 0};
}

}  // namespace dsnwatch::ingest
