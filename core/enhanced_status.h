#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dsnwatch::core {

/// An enhanced mail system status code (RFC 3463 section 2): class.subject.detail. All zero: there is none.
struct EnhancedStatus {
  std::uint8_t klass = 0;     ///< 2, 4 or 5; 0: no status.
  std::uint16_t subject = 0;  ///< 0 … 999
  std::uint16_t detail = 0;   ///< 0 … 999

  bool present() const { return klass != 0; }
  friend bool operator==(const EnhancedStatus&, const EnhancedStatus&) = default;

  /// The whole status as one number, for keys: class * 1,000,000 + subject * 1,000 + detail.
  std::uint32_t packed() const { return klass * 1'000'000u + subject * 1'000u + detail; }
  static EnhancedStatus unpacked(std::uint32_t number) {
    return {static_cast<std::uint8_t>(number / 1'000'000), static_cast<std::uint16_t>(number / 1'000 % 1'000),
            static_cast<std::uint16_t>(number % 1'000)};
  }
};

/// Reads a status at the very start of `text` ("5.7.1 rest"): class 2, 4 or 5, one to three digits each, not followed
/// by a digit, a letter or ".digit". `length` (if given) gets the characters read. Returns an absent status if there is
/// none.
EnhancedStatus parse_enhanced_status(std::string_view text, std::size_t* length = nullptr);

/// "5.7.1"; empty for an absent status.
std::string to_string(EnhancedStatus status);

/// The bounded label value (design, series: hygiene): the code itself if it is registered with IANA or known of a
/// vendor, else "5.other" or "4.other". Thread: any.
bool is_known_status(EnhancedStatus status);

}  // namespace dsnwatch::core
