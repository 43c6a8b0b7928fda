#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/envelope/byte_scan.h"

namespace dsnwatch::ingest {

/// Reads a text from left to right; every step either succeeds and moves on or leaves the place as it was.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  bool done() const { return rest_.empty(); }

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  void skip(std::size_t bytes) { rest_.remove_prefix(bytes); }

  /// What stands before the next `stop` (or all that is left); the stop stays.
  std::string_view take_until(char stop) {
    const char* found = find_near(rest_.data(), rest_.data() + rest_.size(), stop);
    const std::size_t size = found == nullptr ? rest_.size() : static_cast<std::size_t>(found - rest_.data());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view rest_;
};

/// "HOST[IP]" as Postfix names the other side.
struct Peer {
  std::string_view host;
  std::string_view ip;  ///< Empty if the brackets hold a socket's path or "unknown".
  bool socket = false;
};

/// True for the characters of an IPv4 or IPv6 address (a zone id included): enough to tell it from a path or a word.
bool looks_like_ip(std::string_view text);

/// Reads "HOST[IP]" (HOST may be empty and has no blanks); the cursor stands behind the bracket then.
bool take_peer(TextCursor& cursor, Peer& peer);

/// Three digits, 200 … 599, that are not the beginning of a longer word: "550", "550-5.1.1 …", "550 …"; else 0.
std::uint16_t reply_code(std::string_view text);

}  // namespace dsnwatch::ingest
