#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace dsnwatch::ingest {

/// Tells a file by its first bytes (at most kBytes), since inode numbers are used again. Prefixes of lengths 16, 32, …
/// are kept as well, so that a file that is shorter now can still be compared.
class Fingerprint {
 public:
  static constexpr std::size_t kBytes = 1024;

  /// Of the first bytes of a file; more than kBytes are ignored.
  static Fingerprint of(std::string_view head);

  /// How many bytes it covers; 0 for an empty file, which says nothing.
  std::size_t length() const { return length_; }

  /// True if `head` begins with the bytes that were seen.
  bool matches(std::string_view head) const;

  /// How many of the first bytes are known to be the same; 0 if not even the shortest prefix is.
  std::size_t same_bytes(std::string_view head) const;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;

  /// As decimal numbers, for the position.
  friend std::ostream& operator<<(std::ostream& out, const Fingerprint& fingerprint);
  friend std::istream& operator>>(std::istream& in, Fingerprint& fingerprint);

 private:
  static constexpr std::array<std::size_t, 6> kPrefixes = {16, 32, 64, 128, 256, 512};

  std::uint32_t length_ = 0;
  std::uint64_t hash_ = 0;
  std::array<std::uint64_t, kPrefixes.size()> prefixes_{};
};

}  // namespace dsnwatch::ingest
