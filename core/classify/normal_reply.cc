#include "core/classify/normal_reply.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace dsnwatch::core {
namespace {

bool is_space(unsigned char c) {
  return c <= ' ' || c == 0x7f;
}

enum Kind : std::uint8_t { kPlain, kSpace, kDigit, kColon, kBackslash, kTwoBytes, kThreeBytes };

constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (int c = 0; c <= ' '; ++c) kinds[static_cast<std::size_t>(c)] = kSpace;
  kinds[0x7f] = kSpace;
  for (int c = '0'; c <= '9'; ++c) kinds[static_cast<std::size_t>(c)] = kDigit;
  kinds[':'] = kColon;
  kinds['\\'] = kBackslash;
  kinds[0xc2] = kTwoBytes;
  kinds[0xe2] = kThreeBytes;
  return kinds;
}();

constexpr std::array<char, 256> kFolded = [] {
  std::array<char, 256> folded{};
  for (int c = 0; c < 256; ++c) {
    folded[static_cast<std::size_t>(c)] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  }
  return folded;
}();

// One pass over a reply. Writes both forms side by side, so a place in one is the same place in the other.
class Pass {
 public:
  Pass(std::string_view text, std::uint16_t smtp_code, char* folded, char* plain)
      : text_(text), code_(smtp_code), folded_(folded), plain_(plain) {}

  NormalReply run() {
    read_front();
    read_rest();
    if (out_ > 0 && plain_[out_ - 1] == ' ') --out_;
    // Design section 2: the status behind the last repetition of the reply code, else the first of the code's class.
    const EnhancedStatus enhanced = behind_last_.present() ? behind_last_ : first_;
    return {{folded_, out_}, {plain_, out_}, code_, enhanced, dotted_, coloned_, link_};
  }

 private:
  unsigned char byte(std::size_t at) const { return at < text_.size() ? static_cast<unsigned char>(text_[at]) : 0; }

  void put(char folded, char plain) {
    folded_[out_] = folded;
    plain_[out_++] = plain;
  }

  void put_space() {
    if (out_ > 0 && plain_[out_ - 1] != ' ') put(' ', ' ');
  }

  void see(EnhancedStatus status) {
    const bool right_class = code_ == 0 ? status.klass != 2 : status.klass == code_ / 100;
    if (right_class && !first_.present()) first_ = status;
  }

  // The status at `at`, behind the signs that servers put in front of one ("#5.7.1", "(#5.7.1)", "; 5.7.515"). `end`
  // gets the place behind it.
  EnhancedStatus status_at(std::size_t at, std::size_t& end) const {
    bool bracket = false;
    for (std::size_t skipped = 0; skipped < 4 &&
                                  (is_space(byte(at)) || byte(at) == '#' || byte(at) == ';' || byte(at) == ':' ||
                                   byte(at) == '(' || byte(at) == '-') &&
                                  at < text_.size();
         ++skipped) {
      bracket |= byte(at) == '(';
      ++at;
    }
    std::size_t length = 0;
    const EnhancedStatus status = parse_enhanced_status(text_.substr(std::min(at, text_.size())), &length);
    end = at + length;
    if (status.present() && bracket && byte(end) == ')') ++end;
    return status;
  }

  // Takes the reply codes and enhanced codes in front.
  void read_front() {
    while (at_ < text_.size() && is_space(byte(at_))) ++at_;
    if (text_.substr(at_, 5) == "smtp;" || text_.substr(at_, 5) == "SMTP;") at_ += 5;
    std::size_t look = at_;
    bool any = false;
    while (true) {
      std::size_t next = look;
      while (next < text_.size() && (is_space(byte(next)) || (any && (byte(next) == '#' || byte(next) == ';')))) ++next;
      const std::uint16_t code = parse_reply_code(text_.substr(next));
      if (code == 0 || (any && code != code_)) break;
      if (code_ == 0) code_ = code;
      any = true;
      look = next + 3;
      if (byte(look) == '-') {
        lines_ = true;
        ++look;
      }
      take_status(look);
    }
    if (!any) {
      std::size_t end = look;
      const EnhancedStatus status = parse_enhanced_status(text_.substr(look), &end);
      if (status.present()) {
        see(status);
        look += end;
        any = true;
      }
    }
    at_ = look;
    if (!any) return;
    while (at_ < text_.size() && (is_space(byte(at_)) || byte(at_) == ':' || byte(at_) == ';')) ++at_;
    if (byte(at_) == '-' && is_space(byte(at_ + 1))) ++at_;
  }

  // Behind a reply code: takes the enhanced status there, if any, and moves `at` behind it.
  void take_status(std::size_t& at) {
    std::size_t end = at;
    behind_last_ = status_at(at, end);
    if (!behind_last_.present()) return;
    see(behind_last_);
    leading_ = behind_last_;
    at = end;
  }

  // Everything behind the codes in front. Runs of plain bytes and blanks, which is nearly all of a reply, are copied
  // here with everything in registers: a store to the buffers might otherwise change a member.
  void read_rest() {
    const char* const text = text_.data();
    const std::size_t size = text_.size();
    char* const folded = folded_;
    char* const plain = plain_;
    std::size_t at = at_, out = out_;
    while (at < size) {
      const auto c = static_cast<unsigned char>(text[at]);
      const std::uint8_t kind = kKinds[c];
      if (kind == kPlain) {
        folded[out] = kFolded[c];
        plain[out++] = static_cast<char>(c);
        ++at;
      } else if (kind == kSpace) {
        if (out > 0 && plain[out - 1] != ' ') folded[out] = plain[out] = ' ', ++out;
        ++at;
      } else {
        at_ = at;
        out_ = out;
        special(kind);
        at = at_;
        out = out_;
      }
    }
    at_ = at;
    out_ = out;
  }

  void special(std::uint8_t kind) {
    switch (kind) {
      case kDigit:
        return number();
      case kColon:
        return colon();
      case kBackslash:
        return backslash();
      case kTwoBytes:
        return two_bytes();
      default:
        return three_bytes();
    }
  }

  // Digits: a repeated reply code, an enhanced status, or just a number.
  void number() {
    const unsigned char before = out_ == 0 ? ' ' : static_cast<unsigned char>(plain_[out_ - 1]);
    if (before == ' ' && byte(at_) >= '2' && byte(at_) <= '5' && repetition()) return;
    if (!is_alphanumeric(before) && before != '.' && before != '/' && before != '_' && before != '@') {
      std::size_t length = 0;
      const EnhancedStatus status = parse_enhanced_status(text_.substr(at_), &length);
      if (status.present() && status.subject < 10) {
        see(status);
        if (before == ' ' && status == leading_) {  // repeated on a line without a reply code
          at_ += length;
          return;
        }
      }
    }
    while (at_ < text_.size() && is_digit(byte(at_))) {
      put(text_[at_], text_[at_]);
      ++at_;
    }
    dotted_ |= byte(at_) == '.' && is_digit(byte(at_ + 1));
  }

  void colon() {
    if (link_ == std::string_view::npos && byte(at_ + 1) == '/' && byte(at_ + 2) == '/') link_ = out_;
    coloned_ |= is_alphanumeric(byte(at_ + 1)) || byte(at_ + 1) == ':';
    put(':', ':');
    ++at_;
  }

  // The reply code in front of a continuation line, and the enhanced code behind it: not part of the sentence.
  bool repetition() {
    if (code_ == 0 || parse_reply_code(text_.substr(at_)) != code_) return false;
    std::size_t look = at_ + 3;
    const bool dash = byte(look) == '-';
    std::size_t end = look;
    const EnhancedStatus status = status_at(look, end);
    if (!status.present()) {
      const bool line =
          dash ? lines_ || !is_digit(byte(look + 1)) : lines_ && (look >= text_.size() || is_space(byte(look)));
      if (!line) return false;
    }
    if (dash) {
      lines_ = true;
      ++look;
    }
    take_status(look);
    at_ = look;
    return true;
  }

  // Exim logs a line end as a backslash and n.
  void backslash() {
    const unsigned char letter = byte(at_ + 1);
    const unsigned char next = byte(at_ + 2);
    if ((letter == 'n' || letter == 'r' || letter == 't') && (is_space(next) || is_digit(next) || next == '\\')) {
      put_space();
      at_ += 2;
      return;
    }
    put('\\', '\\');
    ++at_;
  }

  void two_bytes() {
    if (byte(at_ + 1) == 0xa0) {  // no-break space
      put_space();
      at_ += 2;
      return;
    }
    put(text_[at_], text_[at_]);
    ++at_;
  }

  void three_bytes() {
    const unsigned char last = byte(at_ + 2);
    char ascii = 0;
    if (byte(at_ + 1) == 0x80) {
      if (last >= 0x98 && last <= 0x9b) ascii = '\'';
      if (last >= 0x9c && last <= 0x9f) ascii = '"';
      if (last >= 0x90 && last <= 0x95) ascii = '-';
    }
    if (ascii == 0) {
      put(text_[at_], text_[at_]);
      ++at_;
      return;
    }
    put(ascii, ascii);
    at_ += 3;
  }

  std::string_view text_;
  std::uint16_t code_;
  char* folded_;
  char* plain_;
  std::size_t at_ = 0, out_ = 0;
  bool lines_ = false;  // the reply has continuation lines
  bool dotted_ = false, coloned_ = false;
  std::size_t link_ = std::string_view::npos;
  EnhancedStatus leading_, behind_last_, first_;
};

}  // namespace

std::uint16_t parse_reply_code(std::string_view text) {
  if (text.size() < 3 || text[0] < '2' || text[0] > '5') return 0;
  const auto digit = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (!is_digit(digit(1)) || !is_digit(digit(2))) return 0;
  if (text.size() > 3 && (is_alphanumeric(digit(3)) || text[3] == '.' || text[3] == '_')) return 0;
  return static_cast<std::uint16_t>((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
}

NormalReply ReplyNormalizer::normalize(std::string_view text, std::uint16_t smtp_code) {
  text = text.substr(0, kMaxReply);
  if (capacity_ < text.size() + 1) {
    capacity_ = std::max<std::size_t>(2 * text.size(), 1024);
    folded_ = std::make_unique<char[]>(capacity_);
    plain_ = std::make_unique<char[]>(capacity_);
  }
  return Pass(text, smtp_code, folded_.get(), plain_.get()).run();
}

}  // namespace dsnwatch::core
