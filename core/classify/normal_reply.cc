#include "core/classify/normal_reply.h"

#include <algorithm>

#include "core/ascii.h"
#include "core/classify/fold_run.h"

namespace dsnwatch::core {
namespace {

bool is_space(unsigned char c) {
  return c <= ' ' || c == 0x7f;
}

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
    return {{folded_, out_}, {plain_, out_}, code_, enhanced, dot_, colon_, link_};
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

  // Everything behind the codes in front: runs of bytes that need no thought, which is nearly all of a reply, and what
  // stands between them.
  void read_rest() {
    while (at_ < text_.size()) {
      const char before = out_ == 0 ? ' ' : plain_[out_ - 1];
      const FoldedRun run = fold_run(text_, at_, before, folded_ + out_, plain_ + out_);
      note(dot_, run.dot);
      note(colon_, run.colon);
      note(link_, run.link);
      at_ += run.length;
      out_ += run.length;
      if (at_ < text_.size()) special();
    }
  }

  // Where a run that is about to be passed holds something first.
  void note(std::size_t& first, std::size_t at) const {
    if (first == FoldedRun::kNone && at != FoldedRun::kNone) first = at - at_ + out_;
  }

  void special() {
    const unsigned char c = byte(at_);
    if (is_digit(c)) {
      number();
    } else if (is_space(c)) {
      put_space();
      ++at_;
    } else if (c == '\\') {
      backslash();
    } else if (c == 0xc2) {
      two_bytes();
    } else {
      three_bytes();
    }
  }

  // A digit where a number begins: of a repeated reply code, an enhanced status, or just a number.
  void number() {
    if ((out_ == 0 || plain_[out_ - 1] == ' ') && repetition()) return;
    if (byte(at_ + 1) == '.') {
      std::size_t length = 0;
      const EnhancedStatus status = parse_enhanced_status(text_.substr(at_), &length);
      if (status.present() && status.subject < 10) {
        see(status);
        if ((out_ == 0 || plain_[out_ - 1] == ' ') && status == leading_) {  // repeated on a line without a reply code
          at_ += length;
          return;
        }
      }
    }
    put(text_[at_], text_[at_]);
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
  std::size_t dot_ = FoldedRun::kNone, colon_ = FoldedRun::kNone, link_ = FoldedRun::kNone;
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
    folded_ = std::make_unique<char[]>(capacity_ + NormalReply::kSlack);
    plain_ = std::make_unique<char[]>(capacity_ + NormalReply::kSlack);
  }
  return Pass(text, smtp_code, folded_.get(), plain_.get()).run();
}

}  // namespace dsnwatch::core
