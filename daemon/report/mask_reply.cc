#include "daemon/report/mask_reply.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/address.h"
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

constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// What of a byte matters, for all bytes of a word at once.
enum Trait : std::uint8_t {
  kEndsWord = 1,  ///< White space, control characters and punctuation that stands between words.
  kNoLetter = 2,
  kNoHex = 4,       ///< Neither a hexadecimal digit nor a dot or colon.
  kNoHostByte = 8,  ///< What no host name may hold.
  kAt = 16,
  kSlash = 32,
  kJoins = 64,     ///< "ip=192.0.2.1", "reason:text", "192.0.2.1/24"
  kNoAscii = 128,  ///< May be no printable character.
};
constexpr std::string_view kJoints = "=:/#";

constexpr std::array<std::uint8_t, 256> kTraits = [] {
  std::array<std::uint8_t, 256> traits{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    unsigned of_byte = 0;
    if (byte <= ' ' || std::string_view("<>()[]{}\"'`,;|").find(c) != std::string_view::npos) of_byte |= kEndsWord;
    if (!is_letter(c)) of_byte |= kNoLetter;
    if (!is_hex(c) && c != '.' && c != ':') of_byte |= kNoHex;
    if (!is_digit(c) && !is_letter(c) && c != '.' && c != '-' && c != '_') of_byte |= kNoHostByte;
    if (c == '@') of_byte |= kAt;
    if (c == '/') of_byte |= kSlash;
    if (kJoints.find(c) != std::string_view::npos) of_byte |= kJoins;
    if (byte >= 0x7f) of_byte |= kNoAscii;
    traits[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(of_byte);
  }
  return traits;
}();

std::uint8_t traits_of(char c) {
  return kTraits[static_cast<unsigned char>(c)];
}

/// What a word is made of.
struct WordShape {
  std::size_t digits, letters, dots, colons, others;
  std::uint8_t traits;
  bool empty_label;
  bool double_colon;

  bool has(Trait trait) const { return (traits & trait) != 0; }
};

/// Five counts, twelve bits each: a word has at most kMostRead bytes.
constexpr int kCountBits = 12;
static_assert(kMostRead < 1u << kCountBits);

constexpr std::array<std::uint64_t, 256> kCounts = [] {
  std::array<std::uint64_t, 256> counts{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    int kind = 4;
    if (is_digit(c))
      kind = 0;
    else if (is_letter(c) || byte >= 0x80)
      kind = 1;
    else if (c == '.')
      kind = 2;
    else if (c == ':')
      kind = 3;
    counts[static_cast<std::size_t>(byte)] = std::uint64_t{1} << kind * kCountBits;
  }
  return counts;
}();

WordShape shape_of(std::string_view word) {
  std::uint64_t counts = 0;
  std::uint8_t traits = 0;
  bool empty_label = false, double_colon = false;
  char before = '.';
  for (const char c : word) {
    counts += kCounts[static_cast<unsigned char>(c)];
    traits |= traits_of(c);
    if (c == before) {
      empty_label |= c == '.';
      double_colon |= c == ':';
    }
    before = c;
  }
  const auto count = [&](int kind) { return counts >> kind * kCountBits & ((1u << kCountBits) - 1); };
  return {count(0), count(1), count(2), count(3), count(4), traits, empty_label || before == '.', double_colon};
}

bool is_ip(const WordShape& shape) {
  const bool v4 = shape.dots == 3 && shape.digits >= 4 && shape.letters + shape.colons + shape.others == 0;
  const bool v6 = !shape.has(kNoHex) && (shape.colons > 2 || (shape.colons == 2 && shape.double_colon)) &&
                  shape.digits + shape.letters > 0;
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
  if (shape.has(kNoHostByte) || shape.dots == 0 || shape.empty_label) return false;
  const std::string_view top = word.substr(word.rfind('.') + 1);
  return top.size() >= 2 && std::all_of(top.begin(), top.end(), is_letter);
}

bool is_status(std::string_view word, const WordShape& shape) {
  if (shape.dots < 2) return false;
  std::size_t length = 0;
  if (word.size() > 4 && (word[3] == '-' || word[3] == ' ') && word[0] >= '2' && word[0] <= '5') word.remove_prefix(4);
  return core::parse_enhanced_status(word, &length).present() && length == word.size();
}

bool is_id(std::string_view word, const WordShape& shape) {
  if (shape.letters + shape.others == 0) return false;
  return shape.digits >= 5 || (shape.digits >= 3 && word.size() >= 8) ||
         (word.size() >= 12 && !shape.has(kNoHex) && shape.digits > 0) ||
         (word.size() >= kLongWord && shape.others == 0);
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
      : recipient_(core::local_part_of(hints.recipient)), sender_(core::local_part_of(hints.sender)), out_(out) {}

  /// What stays as it is, nearly all of a reply, is copied in runs: `from` is where the run under way begins.
  void run(std::string_view reply) {
    reply = reply.substr(0, kMostRead);
    std::size_t i = 0, from = 0;
    const auto flush = [&] { out_.append(reply.data() + from, i - from); };
    while (i < reply.size() && out_.size() + (i - from) < kMaskedSize + 64) {
      const char c = reply[i];
      if ((traits_of(c) & kEndsWord) != 0) {
        const char before = i > from ? reply[i - 1] : (out_.empty() ? ' ' : out_.back());
        if (static_cast<unsigned char>(c) > ' ' || (c == ' ' && before != ' ')) {
          ++i;
          continue;
        }
        flush();
        from = ++i;
        if (before != ' ') out_ += ' ';
        continue;
      }
      const std::size_t begin = i;
      std::uint8_t traits = 0;
      while (i < reply.size() && (traits_of(reply[i]) & kEndsWord) == 0) traits |= traits_of(reply[i++]);
      printable_ &= (traits & kNoAscii) == 0;
      bracketed_ = begin > 0 && reply[begin - 1] == '<' && i < reply.size() && reply[i] == '>';
      const std::string_view text = reply.substr(begin, i - begin);
      if ((traits & kNoLetter) == 0 && !bracketed_ && text.size() < kLongWord && !is_name(text)) continue;
      const std::size_t end = std::exchange(i, begin);
      flush();
      from = i = end;
      word(text);
    }
    flush();
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  }

  /// Whether all that was read is printable ASCII.
  bool printable() const { return printable_; }

 private:
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
    const WordShape shape = shape_of(text);
    if (shape.colons > 0 && shape.has(kSlash)) {
      const std::size_t scheme = text.find("://");
      if (scheme < 8) return link(text, scheme + 3);  // npos is not
    }
    if (shape.has(kAt)) return placeholder("address");
    if (is_ip(shape)) return placeholder("ip");
    if (is_time(text, shape)) return placeholder("time");
    const std::size_t split = shape.has(kJoins) ? text.find_first_of(kJoints) : std::string_view::npos;
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
    } else if (is_status(text, shape)) {
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
  bool printable_ = true;
};

}  // namespace

void mask_reply(std::string_view reply, const MaskHints& hints, std::string& out) {
  out.clear();
  Masker masker(hints, out);
  masker.run(reply);
  if (!masker.printable()) make_printable(out);
  cut_to(out, kMaskedSize);
}

}  // namespace dsnwatch::daemon
