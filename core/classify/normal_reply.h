#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/enhanced_status.h"

namespace dsnwatch::core {

/// A reply in the form that patterns see: one line, one blank for any white space, without the reply code and enhanced
/// code in front and without those that continuation lines repeat, typographic quotes, dashes and blanks as ASCII.
struct NormalReply {
  static constexpr std::size_t kSlack = 32;    ///< So many bytes behind both texts may be read; what they are is open.
  std::string_view folded;                     ///< In lower case (ASCII; other bytes stay).
  std::string_view plain;                      ///< The same as logged: byte for byte at the same place.
  std::uint16_t smtp_code = 0;                 ///< RFC 5321 reply code, 0 if there is none.
  EnhancedStatus enhanced;                     ///< Of the text itself (design section 2); absent if it has none.
  std::size_t dot = std::string_view::npos;    ///< Place of the first dot between digits: of an IPv4 address?
  std::size_t colon = std::string_view::npos;  ///< Of the first colon in front of a letter, a digit or another colon.
  std::size_t link = std::string_view::npos;   ///< Of the first "://".
};

/// Makes NormalReplies. Owns the buffers that they point into, which grow to the longest reply seen (at most
/// `kMaxReply`) and are then reused; one per thread.
class ReplyNormalizer {
 public:
  /// What is longer is cut: a real reply has some hundred bytes (RFC 5321: 512 a line).
  static constexpr std::size_t kMaxReply = 16 * 1024;

  /// `smtp_code`: the reply code where it is known, else 0. Any bytes; linear time. The answer is valid until the next
  /// call.
  NormalReply normalize(std::string_view text, std::uint16_t smtp_code);

 private:
  std::unique_ptr<char[]> folded_, plain_;
  std::size_t capacity_ = 0;
};

/// The reply code at the very start of `text` (200 to 599, not part of a longer number or word); 0 if there is none.
std::uint16_t parse_reply_code(std::string_view text);

}  // namespace dsnwatch::core
