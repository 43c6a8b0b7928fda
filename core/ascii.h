#pragma once

#include <string>
#include <string_view>

namespace dsnwatch::core {

/// Classes of bytes in ASCII, whatever the locale; every other byte, of a char of either sign, belongs to none.
constexpr bool is_digit(int c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower_letter(int c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper_letter(int c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(int c) {
  return is_lower_letter(c) || is_upper_letter(c);
}
constexpr bool is_alphanumeric(int c) {
  return is_digit(c) || is_letter(c);
}

constexpr char lower(char c) {
  return is_upper_letter(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

}  // namespace dsnwatch::core
