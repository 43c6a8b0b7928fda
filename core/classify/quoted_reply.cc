#include "core/classify/quoted_reply.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/ascii.h"
#include "core/classify/normal_reply.h"

namespace dsnwatch::core {
namespace {

enum class Begins : std::uint8_t {
  kHere,           // right behind the mark, whatever it is
  kWithCode,       // right behind the mark, if a reply code stands there
  kAtCode,         // at the next reply code
  kBehindAddress,  // Barracuda: (user@example.org:550 ...)
};

struct Mark {
  std::string_view text;  // lower case
  Begins begins;
  bool names_host = false;  // "host H[IP]" stands in front
};
constexpr auto kMarks = std::to_array<Mark>({
    {" said: ", Begins::kWithCode, true},
    {" refused to talk to me: ", Begins::kHere, true},
    {"smtp error from remote mail server after ", Begins::kAtCode},
    {"callout verification failed", Begins::kAtCode},
    {"recipient verify failed", Begins::kAtCode},
    {"<<< ", Begins::kWithCode},
    {"remote server returned", Begins::kAtCode},
    {"the response was:", Begins::kWithCode},
    {"response from the remote server was:", Begins::kWithCode},
    {"(reason: ", Begins::kWithCode},
    {"failure for one or more recipients (", Begins::kBehindAddress},
    {"delivery temporarily suspended: ", Begins::kHere},
    {"smtp;", Begins::kWithCode},
    {"last reply:", Begins::kHere},
    {"last error:", Begins::kHere},
    // Cisco Secure Email's own bounces: "5.1.0 - Unknown address error 550-'...' (delivery attempts: 0)".
    {" - unknown address error ", Begins::kHere},
    {" - other mail system problem ", Begins::kHere},
});
// A mark that stands often without quoting anything must not make the search quadratic.
constexpr int kMaxOccurrences = 8;

std::size_t find_folded(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), wanted.begin(),
                                 wanted.end(), [](char a, char b) { return lower(a) == b; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

bool is_failure_code(std::string_view text) {
  return parse_reply_code(text) >= 400;
}

std::size_t skip_signs(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n'\"#<", at), text.size());
}

// The next reply code that begins a word.
std::size_t next_code(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    const bool begins_word = at == 0 || std::string_view(" :'\"(;#<\n").find(text[at - 1]) != std::string_view::npos;
    if (begins_word && is_failure_code(text.substr(at))) return at;
  }
  return std::string_view::npos;
}

std::size_t quoted_at(std::string_view text, const Mark& mark, std::size_t behind) {
  constexpr std::size_t kNowhere = std::string_view::npos;
  switch (mark.begins) {
    case Begins::kHere:
      return skip_signs(text, behind);
    case Begins::kWithCode: {
      const std::size_t at = skip_signs(text, behind);
      return is_failure_code(text.substr(at)) ? at : kNowhere;
    }
    case Begins::kAtCode:
      return next_code(text, behind);
    case Begins::kBehindAddress: {
      const std::size_t at = text.find('@', behind);
      const std::size_t colon = at == kNowhere ? kNowhere : text.find(':', at);
      if (colon == kNowhere) return kNowhere;
      const std::size_t reply = skip_signs(text, colon + 1);
      return is_failure_code(text.substr(reply)) ? reply : kNowhere;
    }
  }
  return kNowhere;
}

// "host mx.example.org[192.0.2.1] said": the name in front of the mark.
std::string_view speaker(std::string_view before) {
  const std::size_t blank = before.find_last_of(' ');
  std::string_view host = blank == std::string_view::npos ? std::string_view() : before.substr(blank + 1);
  if (blank == std::string_view::npos || !before.substr(0, blank).ends_with("host")) return {};
  return host.substr(0, host.find('['));
}

struct StageWord {
  std::string_view text;
  Stage stage;
};
constexpr auto kStageWords = std::to_array<StageWord>({
    {"initial connection", Stage::kConnect},
    {"helo", Stage::kHelo},
    {"ehlo", Stage::kHelo},
    {"mail from", Stage::kMail},
    {"rcpt to", Stage::kRcpt},
    {"end of data", Stage::kEod},
    {"data", Stage::kData},
});

Stage stage_in(std::string_view text) {
  for (const StageWord& word : kStageWords) {
    if (find_folded(text.substr(0, 48), word.text, 0) != std::string_view::npos) return word.stage;
  }
  return Stage::kUnknown;
}

// What Postfix appends: "(in reply to RCPT TO command)".
void take_command(QuotedReply& quoted) {
  constexpr std::string_view kInReply = "(in reply to ";
  const std::size_t at = quoted.text.rfind(kInReply);
  if (at == std::string_view::npos) return;
  const Stage stage = stage_in(quoted.text.substr(at + kInReply.size()));
  if (stage != Stage::kUnknown) quoted.stage = stage;
  quoted.text = quoted.text.substr(0, at);
}

// What the mark that stands at `at` quotes, if anything.
std::optional<QuotedReply> quoted_by(std::string_view text, const Mark& mark, std::size_t at) {
  // In front of all, "smtp;" is no quotation but the type of a diagnostic code (RFC 3464).
  if (at == 0 && mark.text == "smtp;") return std::nullopt;
  const std::size_t behind = at + mark.text.size();
  const std::string_view host = mark.names_host ? speaker(text.substr(0, at)) : std::string_view();
  std::size_t reply = quoted_at(text, mark, behind);
  if (reply == std::string_view::npos && !host.empty()) reply = skip_signs(text, behind);
  if (reply >= text.size()) return std::nullopt;
  QuotedReply quoted{text.substr(reply), host, Stage::kUnknown};
  if (mark.text.starts_with("smtp error")) quoted.stage = stage_in(text.substr(behind));
  if (mark.text.starts_with(" refused to talk")) quoted.stage = Stage::kConnect;
  return quoted;
}

constexpr std::size_t low_bits(char c) {
  return static_cast<unsigned char>(c) & 31U;
}

// By the low five bits, in which the two cases are alike, of a mark's first and second byte: a bit for each mark.
constexpr std::array<std::array<std::uint32_t, 32>, 2> kBeginnings = [] {
  std::array<std::array<std::uint32_t, 32>, 2> beginnings{};
  static_assert(kMarks.size() <= 32);
  for (std::size_t i = 0; i < kMarks.size(); ++i) {
    for (std::size_t at = 0; at < beginnings.size(); ++at) {
      beginnings[at][low_bits(kMarks[i].text[at])] |= std::uint32_t{1} << i;
    }
  }
  return beginnings;
}();

bool stands_at(std::string_view text, std::size_t at, std::string_view wanted) {
  return text.size() - at >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == lower(b); });
}

}  // namespace

std::optional<QuotedReply> find_quoted_reply(std::string_view text) {
  struct Seen {
    std::size_t end = 0;
    int times = 0;
  };
  std::array<Seen, kMarks.size()> seen{};
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    std::uint32_t marks = kBeginnings[0][low_bits(text[at])] & kBeginnings[1][low_bits(text[at + 1])];
    for (; marks != 0; marks &= marks - 1) {
      const auto number = static_cast<std::size_t>(std::countr_zero(marks));
      const Mark& mark = kMarks[number];
      Seen& before = seen[number];
      if (at < before.end || before.times == kMaxOccurrences || !stands_at(text, at, mark.text)) continue;
      before = {at + mark.text.size(), before.times + 1};
      auto quoted = quoted_by(text, mark, at);
      if (!quoted) continue;
      take_command(*quoted);
      return quoted;
    }
  }
  return std::nullopt;
}

}  // namespace dsnwatch::core
