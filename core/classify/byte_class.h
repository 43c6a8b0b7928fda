#pragma once

#include <array>
#include <string_view>

namespace dsnwatch::core {

/// A set of bytes that is asked quickly: std::string_view::find_first_of() calls memchr for every byte of the text.
class ByteClass {
 public:
  constexpr explicit ByteClass(std::string_view members) {
    for (const char c : members) in_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool has(char c) const { return in_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> in_{};
};

}  // namespace dsnwatch::core
