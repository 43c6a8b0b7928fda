#include "daemon/report/mask_reply.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/ascii.h"
#include "core/classify/blocklists.h"
#include "core/enhanced_status.h"
#include "daemon/report/printable.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::size_t kMostRead = 1024;        // Of a reply: what is behind it would be cut anyway.
constexpr std::size_t kLongWord = 24;          // Of letters only: may be an id in some alphabet.
constexpr std::size_t kShortNumber = 3;        // Longer ones may be ids.
constexpr std::size_t kShortNumberOfLink = 7;  // Help pages are numbered.

using core::is_digit;
using core::is_letter;
using core::lower;

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// By byte: white space, control characters and punctuation that stands between words.
constexpr std::array<bool, 256> kEndsWord = [] {
  std::array<bool, 256> ends{};
  for (std::size_t byte = 0; byte <= ' '; ++byte) ends[byte] = true;
  for (const char c : std::string_view("<>()[]{}\"'`,;|")) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

bool ends_word(char c) {
  return kEndsWord[static_cast<unsigned char>(c)];
}

std::string_view local_part(std::string_view address) {
  return address.substr(0, address.rfind('@'));
}

/// Parts of a word between dots and what they are made of.
struct WordShape {
  std::size_t digits = 0, letters = 0, dots = 0, colons = 0, others = 0;
  bool hex = true;         // Only hexadecimal digits, dots and colons.
  bool host_bytes = true;  // Only what a host name may hold.
  bool empty_label = false;
  bool double_colon = false;
};

WordShape shape_of(std::string_view word) {
  WordShape shape;
  char before = '.';
  for (char c : word) {
    if (is_digit(c))
      ++shape.digits;
    else if (is_letter(c) || static_cast<unsigned char>(c) >= 0x80)
      ++shape.letters;
    else if (c == '.')
      ++shape.dots;
    else if (c == ':')
      ++shape.colons;
    else
      ++shape.others;
    if (c == '.' && before == '.') shape.empty_label = true;
    if (c == ':' && before == ':') shape.double_colon = true;
    if (!is_hex(c) && c != '.' && c != ':') shape.hex = false;
    if (!is_digit(c) && !is_letter(c) && c != '.' && c != '-' && c != '_') shape.host_bytes = false;
    before = c;
  }
  if (before == '.') shape.empty_label = true;
  return shape;
}

bool is_ip(const WordShape& shape) {
  const bool v4 = shape.dots == 3 && shape.digits >= 4 && shape.letters + shape.colons + shape.others == 0;
  const bool v6 =
      shape.hex && (shape.colons > 2 || (shape.colons == 2 && shape.double_colon)) && shape.digits + shape.letters > 0;
  return v4 || v6;
}

/// "5:00", "00:05:00"
bool is_time(std::string_view word, const WordShape& shape) {
  if (shape.colons == 0 || shape.colons > 2 || shape.digits + shape.colons != word.size()) return false;
  const std::size_t hours = word.find(':');
  return (hours == 1 || hours == 2) && word.size() == hours + 3 * shape.colons &&
         word[hours + 3 * (shape.colons - 1)] == ':';
}

bool is_host(std::string_view word, const WordShape& shape) {
  if (!shape.host_bytes || shape.dots == 0 || shape.empty_label) return false;
  const std::string_view top = word.substr(word.rfind('.') + 1);
  return top.size() >= 2 && std::all_of(top.begin(), top.end(), is_letter);
}

bool is_status(std::string_view word) {
  std::size_t length = 0;
  if (word.size() > 4 && (word[3] == '-' || word[3] == ' ') && word[0] >= '2' && word[0] <= '5') word.remove_prefix(4);
  return core::parse_enhanced_status(word, &length).present() && length == word.size();
}

bool is_id(std::string_view word, const WordShape& shape) {
  if (shape.letters + shape.others == 0) return false;
  return shape.digits >= 5 || (shape.digits >= 3 && word.size() >= 8) ||
         (word.size() >= 12 && shape.hex && shape.digits > 0) || (word.size() >= kLongWord && shape.others == 0);
}

/// The zone of a public block list at the end of a host name, or empty. What stands in front of it may be a customer's
/// key.
std::string_view list_zone(std::string_view host) {
  for (const core::Blocklist& list : core::blocklists()) {
    const std::string_view zone = list.zone;
    if (zone.empty() || host.size() < zone.size() || lower(host.back()) != zone.back()) continue;
    const std::string_view tail = host.substr(host.size() - zone.size());
    if (equal_but_for_case(tail, zone) && (tail.size() == host.size() || host[host.size() - zone.size() - 1] == '.'))
      return tail;
  }
  return {};
}

class Masker {
 public:
  Masker(const MaskHints& hints, std::string& out)
      : recipient_(local_part(hints.recipient)), sender_(local_part(hints.sender)), out_(out) {}

  void run(std::string_view reply) {
    reply = reply.substr(0, kMostRead);
    std::size_t i = 0;
    while (i < reply.size() && out_.size() < kMaskedSize + 64) {
      if (ends_word(reply[i])) {
        separator(reply[i++]);
        continue;
      }
      std::size_t end = i;
      bool letters = true;
      for (; end < reply.size() && !ends_word(reply[end]); ++end) letters &= is_letter(reply[end]);
      bracketed_ = i > 0 && reply[i - 1] == '<' && end < reply.size() && reply[end] == '>';
      const std::string_view text = reply.substr(i, end - i);
      if (letters && !bracketed_ && text.size() < kLongWord && !is_name(text)) {
        out_ += text;  // As most words are.
      } else {
        word(text);
      }
      i = end;
    }
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  }

 private:
  void separator(char c) {
    if (static_cast<unsigned char>(c) > ' ') {
      out_ += c;
    } else if (!out_.empty() && out_.back() != ' ') {
      out_ += ' ';
    }
  }

  void placeholder(std::string_view name) {
    if (bracketed_) {
      out_ += name;
    } else {
      out_.append("<").append(name).append(">");
    }
  }

  /// A word with the punctuation at its end.
  void word(std::string_view text) {
    std::size_t size = text.size();
    while (size > 1 &&
           (text[size - 1] == '.' || text[size - 1] == ':' || text[size - 1] == '!' || text[size - 1] == '?'))
      --size;
    bare_word(text.substr(0, size));
    out_ += text.substr(size);
  }

  void bare_word(std::string_view text) {
    const std::size_t scheme = text.find("://");
    if (scheme < 8) return link(text, scheme + 3);  // npos is not
    if (text.find('@') != std::string_view::npos) return placeholder("address");
    const WordShape shape = shape_of(text);
    if (is_ip(shape)) return placeholder("ip");
    if (is_time(text, shape)) return placeholder("time");
    // "ip=192.0.2.1", "reason:text", "192.0.2.1/24"
    const std::size_t split = text.find_first_of("=:/#");
    if (split != std::string_view::npos && split > 0 && split + 1 < text.size()) {
      bracketed_ = false;
      bare_word(text.substr(0, split));
      out_ += text[split];
      return bare_word(text.substr(split + 1));
    }
    part(text, shape, kShortNumber);
  }

  void part(std::string_view text, const WordShape& shape, std::size_t short_number) {
    if (is_name(text)) {
      placeholder("name");
    } else if (is_status(text)) {
      out_ += text;
    } else if (is_ip(shape)) {
      placeholder("ip");
    } else if (is_host(text, shape)) {
      const std::string_view zone = list_zone(text);
      if (zone.size() < text.size()) placeholder("host");
      if (!zone.empty() && zone.size() < text.size()) out_ += '.';
      out_ += zone;
    } else if (shape.digits == text.size()) {
      if (text.size() > short_number) {
        placeholder("n");
      } else {
        out_ += text;
      }
    } else if (is_id(text, shape)) {
      placeholder("id");
    } else if (bracketed_) {
      placeholder("name");
    } else {
      out_ += text;
    }
  }

  bool is_name(std::string_view text) const {
    return text.size() >= 3 && (equal_but_for_case(text, recipient_) || equal_but_for_case(text, sender_));
  }

  /// Keeps the host of a link; the parts of its path, query and fragment are masked one by one.
  void link(std::string_view text, std::size_t host) {
    bracketed_ = false;
    std::size_t end = std::min(text.find_first_of("/?#", host), text.size());
    const std::string_view authority = text.substr(host, end - host);
    out_ += text.substr(0, host);
    if (authority.find('@') != std::string_view::npos || is_ip(shape_of(authority))) {
      placeholder("host");
    } else {
      out_ += authority;
    }
    while (end < text.size()) {
      out_ += text[end];
      const std::size_t begin = end + 1;
      end = std::min(text.find_first_of("/?#&=", begin), text.size());
      const std::string_view piece = text.substr(begin, end - begin);
      if (piece.find_first_of("@%") != std::string_view::npos) {
        placeholder("id");
      } else if (const WordShape shape = shape_of(piece); is_host(piece, shape) && piece.ends_with(".php")) {
        out_ += piece;
      } else {
        part(piece, shape, kShortNumberOfLink);
      }
    }
  }

  std::string_view recipient_, sender_;
  std::string& out_;
  bool bracketed_ = false;
};

}  // namespace

void mask_reply(std::string_view reply, const MaskHints& hints, std::string& out) {
  out.clear();
  Masker(hints, out).run(reply);
  make_printable(out);
  cut_to(out, kMaskedSize);
}

}  // namespace dsnwatch::daemon
