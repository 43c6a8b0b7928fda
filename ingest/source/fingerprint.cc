#include "ingest/source/fingerprint.h"

#include <istream>
#include <ostream>

namespace dsnwatch::ingest {
namespace {

// FNV-1a, 64 bits: the hash of a prefix is a state on the way to the hash of the whole.
constexpr std::uint64_t kFnvBasis = 14695981039346656037ull;
constexpr std::uint64_t kFnvPrime = 1099511628211ull;

std::uint64_t extend(std::uint64_t hash, std::string_view bytes) {
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * kFnvPrime;
  return hash;
}

}  // namespace

Fingerprint Fingerprint::of(std::string_view head) {
  head = head.substr(0, kBytes);
  Fingerprint result;
  result.length_ = static_cast<std::uint32_t>(head.size());
  std::uint64_t hash = kFnvBasis;
  std::size_t done = 0;
  for (std::size_t i = 0; i < kPrefixes.size() && kPrefixes[i] <= head.size(); ++i) {
    hash = extend(hash, head.substr(done, kPrefixes[i] - done));
    done = kPrefixes[i];
    result.prefixes_[i] = hash;
  }
  result.hash_ = extend(hash, head.substr(done));
  return result;
}

bool Fingerprint::matches(std::string_view head) const {
  return length_ == 0 || (head.size() >= length_ && extend(kFnvBasis, head.substr(0, length_)) == hash_);
}

std::size_t Fingerprint::same_bytes(std::string_view head) const {
  if (matches(head)) return length_;
  std::size_t same = 0;
  std::uint64_t hash = kFnvBasis;
  for (std::size_t i = 0; i < kPrefixes.size() && kPrefixes[i] <= head.size() && kPrefixes[i] <= length_; ++i) {
    hash = extend(hash, head.substr(same, kPrefixes[i] - same));
    if (hash != prefixes_[i]) break;
    same = kPrefixes[i];
  }
  return same;
}

std::ostream& operator<<(std::ostream& out, const Fingerprint& fingerprint) {
  out << fingerprint.length_ << ' ' << fingerprint.hash_;
  for (const std::uint64_t hash : fingerprint.prefixes_) out << ' ' << hash;
  return out;
}

std::istream& operator>>(std::istream& in, Fingerprint& fingerprint) {
  in >> fingerprint.length_ >> fingerprint.hash_;
  for (std::uint64_t& hash : fingerprint.prefixes_) in >> hash;
  if (fingerprint.length_ > Fingerprint::kBytes) in.setstate(std::ios::failbit);
  return in;
}

}  // namespace dsnwatch::ingest
