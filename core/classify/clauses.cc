#include "core/classify/clauses.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace dsnwatch::core {
namespace {

// Causes of which servers give advice without saying that they apply.
bool is_advised(Cause cause) {
  switch (cause) {
    case Cause::kSpfFail:
    case Cause::kDkimFail:
    case Cause::kDmarcFail:
    case Cause::kUnauthenticated:
    case Cause::kPtrMissing:
    case Cause::kHeloInvalid:
    case Cause::kSpam:
    case Cause::kMalware:
      return true;
    default:
      return false;
  }
}

bool is_list_cause(Cause cause) {
  return cause == Cause::kIpBlocklisted || cause == Cause::kDomainBlocklisted || cause == Cause::kUrlBlocked;
}

bool contains_advice(std::string_view clause) {
  for (const MarkerWord& word : kMarkerWords) {
    if (word.marker != Marker::kAdvice) continue;
    for (std::size_t at = clause.find(word.text); at != std::string_view::npos; at = clause.find(word.text, at + 1)) {
      if (at == 0 || !is_alphanumeric(clause[at - 1])) return true;
    }
  }
  return false;
}

// What a byte means for the run around words that a sentence would not break: an address, a link.
enum TokenByte : std::uint8_t { kBreak = 1, kSlash = 2, kAtSign = 4, kBlank = 8 };
constexpr std::array<std::uint8_t, 256> kTokenBytes = [] {
  std::array<std::uint8_t, 256> bytes{};
  for (const char c : std::string_view(" <>()[]\",;'")) bytes[static_cast<unsigned char>(c)] = kBreak;
  bytes['/'] = kSlash;
  bytes['@'] = kAtSign;
  bytes[' '] |= kBlank;
  return bytes;
}();

// All that the run around the span holds.
unsigned token_around(std::string_view text, Span span) {
  const auto meaning = [&](std::size_t at) { return unsigned{kTokenBytes[static_cast<unsigned char>(text[at])]}; };
  unsigned all = 0;
  for (std::size_t at = span.begin; at < span.end; ++at) all |= meaning(at);
  for (std::size_t at = span.begin; at > 0 && (meaning(at - 1) & kBreak) == 0; --at) all |= meaning(at - 1);
  for (std::size_t at = span.end; at < text.size() && (meaning(at) & kBreak) == 0; ++at) all |= meaning(at);
  return all;
}

bool says_pass(std::string_view text, Span span) {
  constexpr auto kNegations = std::to_array<std::string_view>(
      {"not ", "n't ", "t ", "to ", "no ", "without ", "never ", "cannot ", "neither "});
  const std::size_t end = std::min(text.size(), span.end + 8);
  const std::string_view around = text.substr(span.begin, end - span.begin);
  for (std::size_t at = around.find("pass"); at != std::string_view::npos; at = around.find("pass", at + 1)) {
    if (span.begin + at >= span.end && around.substr(0, at).find_first_of(",;.") != std::string_view::npos)
      return false;
    const std::string_view before = text.substr(0, span.begin + at);
    const bool negated = std::any_of(kNegations.begin(), kNegations.end(),
                                     [&](std::string_view word) { return before.ends_with(word); }) ||
                         before.substr(clause_begin(text, span.begin)).find("neither ") != std::string_view::npos;
    if (!negated) return true;
  }
  return false;
}

bool says_not_listed(std::string_view text, Span span) {
  const std::size_t begin = span.begin > 24 ? span.begin - 24 : 0;
  const std::string_view around = text.substr(begin, span.end - begin);
  return around.find("not listed") != std::string_view::npos ||
         around.find("no longer listed") != std::string_view::npos;
}

}  // namespace

std::size_t clause_begin(std::string_view text, std::size_t at) {
  while (at > 0) {
    --at;
    const char c = text[at];
    if (c == ';') return at + 1;
    if ((c == '.' || c == '!' || c == '?') && at + 1 < text.size() && text[at + 1] == ' ') return at + 1;
  }
  return 0;
}

bool is_asserted(const Reading& reading, Cause cause, Span span) {
  const std::string_view text = reading.reply.folded;
  const unsigned token = token_around(text, span);
  const bool link = (token & kSlash) != 0;
  if ((token & (kSlash | kAtSign | kBlank)) == kAtSign) return false;
  if (reading.has(Marker::kPassed) && category_of(cause) == Category::kAuthentication && says_pass(text, span)) {
    return false;
  }
  if (reading.has(Marker::kNotListed) && is_list_cause(cause) && says_not_listed(text, span)) return false;
  if (!reading.has(Marker::kAdvice) || !is_advised(cause) || link) return true;
  const std::size_t begin = clause_begin(text, span.begin);
  return !contains_advice(text.substr(begin, span.begin - begin));
}

}  // namespace dsnwatch::core
