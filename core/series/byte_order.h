#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace dsnwatch::core {

/// Numbers in stored records: values little-endian, keys big-endian so that they sort by number.

template <std::unsigned_integral Number>
void append_little(std::string& out, Number number) {
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(number >> (8 * byte))));
  }
}

/// Of the first sizeof(Number) bytes, which must be there.
template <std::unsigned_integral Number>
Number read_little(std::string_view bytes) {
  Number number = 0;
  for (std::size_t byte = sizeof(Number); byte-- > 0;) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[byte]));
  }
  return number;
}

inline void append_big(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(number >> shift)));
}

/// Of the first 4 bytes, which must be there.
inline std::uint32_t read_big(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t byte = 0; byte < 4; ++byte) number = number << 8 | static_cast<unsigned char>(bytes[byte]);
  return number;
}

}  // namespace dsnwatch::core
