#include "core/enhanced_status.h"

#include "core/ascii.h"

namespace dsnwatch::core {
namespace {

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/// Reads one to three digits at `at` and moves it behind them; false if there are none, or more than three.
bool read_number(std::string_view text, std::size_t& at, std::uint16_t& number) {
  const std::size_t start = at;
  number = 0;
  while (at < text.size() && is_digit(text[at]) && at - start < 4) {
    number = static_cast<std::uint16_t>(number * 10 + (text[at++] - '0'));
  }
  return at > start && at - start <= 3;
}

}  // namespace

EnhancedStatus parse_enhanced_status(std::string_view text, std::size_t* length) {
  if (length != nullptr) *length = 0;
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return {};
  EnhancedStatus status;
  status.klass = static_cast<std::uint8_t>(text[0] - '0');
  std::size_t at = 2;
  if (!read_number(text, at, status.subject)) return {};
  if (at >= text.size() || text[at] != '.') return {};
  ++at;
  if (!read_number(text, at, status.detail)) return {};
  if (at < text.size()) {
    if (is_letter(text[at]) || text[at] == '_') return {};
    if (text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1])) return {};  // an IP address
  }
  if (length != nullptr) *length = at;
  return status;
}

std::string to_string(EnhancedStatus status) {
  if (!status.present()) return {};
  return std::to_string(status.klass) + '.' + std::to_string(status.subject) + '.' + std::to_string(status.detail);
}

}  // namespace dsnwatch::core
