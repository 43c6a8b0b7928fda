#include <algorithm>
#include <array>
#include <bit>

#include "core/ascii.h"
#include "core/classify/extraction.h"
#include "core/series/label_values.h"

namespace dsnwatch::core {
namespace {

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_ours(std::string_view ip, std::string_view remote_ip) {
  if (ip == remote_ip) return false;
  const auto bytes = parse_ip(ip);
  return bytes && is_public(*bytes) && (remote_ip.empty() || bytes != parse_ip(remote_ip));
}

// Where the run of such bytes begins that stands in front of `at`.
template <class Member>
std::size_t run_begin(std::string_view text, std::size_t at, Member member) {
  if (at >= text.size()) return text.size();
  while (at > 0 && member(text[at - 1])) --at;
  return at;
}

std::string_view find_ipv4(std::string_view text, std::size_t dot, std::string_view remote_ip) {
  for (std::size_t at = run_begin(text, dot, is_digit); at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    int dots = 0;
    while (end < text.size() &&
           (is_digit(text[end]) || (text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1])))) {
      dots += text[end] == '.';
      ++end;
    }
    // Not part of a name: "mail-192.0.2.1.example.net" and "1.2.0.192.zen.spamhaus.org" are no addresses.
    const bool in_name =
        (at > 0 && (is_alphanumeric(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-')) ||
        (end + 1 < text.size() && ((text[end] == '.' && is_alphanumeric(text[end + 1])) || text[end] == '-')) ||
        (end < text.size() && is_lower_letter(text[end]));
    if (dots == 3 && !in_name && is_ours(text.substr(at, end - at), remote_ip)) return text.substr(at, end - at);
    at = end;
  }
  return {};
}

std::string_view find_ipv6(std::string_view text, std::size_t colon, std::string_view remote_ip) {
  const auto is_part = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
  for (std::size_t at = run_begin(text, colon, is_part); at < text.size();) {
    const bool begins = (is_hex(text[at]) || text[at] == ':') && (at == 0 || !is_alphanumeric(text[at - 1]));
    if (!begins) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_part(text[end])) ++end;
    const std::size_t next = end;
    while (end > at + 1 && (text[end - 1] == '.' || (text[end - 1] == ':' && text[end - 2] != ':'))) --end;
    const std::string_view token = text.substr(at, end - at);
    const bool whole = next >= text.size() || !is_alphanumeric(text[next]);
    if (whole && std::count(token.begin(), token.end(), ':') >= 2 && is_ours(token, remote_ip)) return token;
    at = next;
  }
  return {};
}

// A host name that can be a sender's domain: labels, at least one dot, no address.
bool is_domain(std::string_view name) {
  if (name.size() > 253 || name.empty() || !is_alphanumeric(name.back())) return false;
  const std::size_t last_dot = name.rfind('.');
  if (last_dot == std::string_view::npos || last_dot + 2 >= name.size()) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0 || label > 63) return false;
      label = 0;
    } else if (is_alphanumeric(c) || c == '-' || c == '_') {
      ++label;
    } else {
      return false;
    }
  }
  const std::string_view top = name.substr(last_dot + 1);
  return top.starts_with("xn--") || std::all_of(top.begin(), top.end(), is_lower_letter);
}

// The domain, or the domain of the address, at `at`, behind quotes and brackets.
std::string_view domain_at(std::string_view text, std::size_t at) {
  at = std::min(text.find_first_not_of(" [<(\"':=", at), text.size());
  std::size_t end = at;
  while (end < text.size() &&
         (is_alphanumeric(text[end]) || std::string_view(".-_@+=").find(text[end]) != std::string_view::npos))
    ++end;
  std::string_view token = text.substr(at, end - at);
  if (const std::size_t address = token.rfind('@'); address != std::string_view::npos) token.remove_prefix(address + 1);
  while (token.ends_with('.') || token.ends_with('-')) token.remove_suffix(1);
  return is_domain(token) ? token : std::string_view();
}

// What stands in front of the sender's domain, the surest first.
constexpr auto kDomainWords = std::to_array<std::string_view>({
    "sending domain", "sender domain",  "from domain", "dkim domain", "spf domain", "domain of",    "domains",
    "domain",         "policy for",     "policy of",   "email from",  "mail from",  "message from", "header from",
    "header.from=",   "sender address", "sender:",     "sender",      "from:",      "d=",
});

// By the low five bits of a word's first and second byte: a bit for each of the words.
constexpr std::array<std::array<std::uint32_t, 32>, 2> kDomainBeginnings = [] {
  std::array<std::array<std::uint32_t, 32>, 2> words{};
  for (std::size_t i = 0; i < kDomainWords.size(); ++i) {
    for (std::size_t at = 0; at < words.size(); ++at) {
      words[at][static_cast<unsigned char>(kDomainWords[i][at]) & 31U] |= std::uint32_t{1} << i;
    }
  }
  return words;
}();

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};
constexpr auto kUnits = std::to_array<Unit>({
    {"sec", 1},
    {"sek", 1},
    {"min", 60},
    {"hour", 3600},
    {"hr", 3600},
    {"std", 3600},
    {"day", 86400},
    {"s", 1},
    {"m", 60},
    {"h", 3600},
});
constexpr std::int64_t kLongestWait = 14 * 86400;

// What stands in front of a wait, behind words such as "at least".
constexpr auto kWaitWords = std::to_array<std::string_view>(
    {"in", "after", "for", "wait", "within", "again", "retry", "delay", "delayed", "least", "another", "about", "is",
     "time", "approximately", "retry-after", "timeout", "greylisted", "graylisted"});

bool behind_wait_word(std::string_view before) {
  while (!before.empty() && std::string_view(" :=(\"'[~").find(before.back()) != std::string_view::npos)
    before.remove_suffix(1);
  const std::size_t begin = before.find_last_of(" (,;.:=");
  const std::string_view word = begin == std::string_view::npos ? before : before.substr(begin + 1);
  return std::find(kWaitWords.begin(), kWaitWords.end(), word) != kWaitWords.end();
}

// A number of up to seven digits at `at`, which moves behind it; -1: none.
std::int64_t number_at(std::string_view text, std::size_t& at) {
  const std::size_t first = at;
  std::int64_t value = 0;
  while (at < text.size() && is_digit(text[at])) {
    if (at - first < 8) value = value * 10 + (text[at] - '0');
    ++at;
  }
  return at == first || at - first > 7 ? -1 : value;
}

// "00:05:00" or "05:00", whose first number is `first`; -1 if it is none.
std::int64_t clock_time(std::string_view text, std::size_t& at, std::int64_t first) {
  std::int64_t seconds = first;
  int parts = 1;
  while (parts < 3 && at + 2 < text.size() + 1 && text.substr(at, 1) == ":" && at + 1 < text.size() &&
         is_digit(text[at + 1])) {
    ++at;
    const std::int64_t part = number_at(text, at);
    if (part < 0 || part > 59) return -1;
    seconds = seconds * 60 + part;
    ++parts;
  }
  return parts == 3 ? seconds : -1;
}

std::int64_t unit_at(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
  const std::size_t end = std::min(
      std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_lower_letter) - text.begin(),
      static_cast<std::ptrdiff_t>(text.size()));
  const std::string_view word = text.substr(at, static_cast<std::size_t>(end) - at);
  for (const Unit& unit : kUnits) {
    if (unit.name.size() == 1 ? word == unit.name : word.starts_with(unit.name)) return unit.seconds;
  }
  return 0;
}

}  // namespace

std::string_view find_ip(const NormalReply& reply, std::string_view remote_ip) {
  if (const std::string_view ip = find_ipv4(reply.folded, reply.dot, remote_ip); !ip.empty()) return ip;
  return find_ipv6(reply.folded, reply.colon, remote_ip);
}

std::string_view find_domain(std::string_view folded) {
  std::string_view found;
  std::uint32_t surer = (std::uint32_t{1} << kDomainWords.size()) - 1;  // than what was found
  // One pass: searching for each word by itself took longer than all the rest of the extraction.
  const auto* const bytes = reinterpret_cast<const unsigned char*>(folded.data());
  for (std::size_t at = 0; at + 1 < folded.size() && surer > 0; ++at) {
    std::uint32_t words = kDomainBeginnings[0][bytes[at] & 31U] & kDomainBeginnings[1][bytes[at + 1] & 31U] & surer;
    if (words == 0 || (at > 0 && is_alphanumeric(folded[at - 1]))) continue;
    for (; words != 0; words &= words - 1) {
      const auto word = static_cast<std::size_t>(std::countr_zero(words));
      if (!folded.substr(at).starts_with(kDomainWords[word])) continue;
      const std::string_view domain = domain_at(folded, at + kDomainWords[word].size());
      if (domain.empty()) continue;
      found = domain;
      surer = (std::uint32_t{1} << word) - 1;
      break;
    }
  }
  if (!found.empty()) return found;
  // Postfix: "<news@example.com>: Sender address rejected"
  const std::size_t rejected = folded.find(">: sender address");
  if (rejected == std::string_view::npos) return {};
  const std::size_t at = folded.substr(0, rejected).rfind('@');
  return at == std::string_view::npos ? std::string_view() : domain_at(folded.substr(0, rejected), at + 1);
}

std::int32_t find_wait(std::string_view folded) {
  for (std::size_t at = 0; at < folded.size();) {
    if (!is_digit(folded[at])) {
      ++at;
      continue;
    }
    const std::size_t first = at;
    const bool part =
        first > 0 && (is_alphanumeric(folded[first - 1]) || folded[first - 1] == '.' || folded[first - 1] == '-');
    std::int64_t seconds = number_at(folded, at);
    if (part || seconds < 0 || !behind_wait_word(folded.substr(0, first))) continue;
    if (at < folded.size() && folded[at] == ':') {
      seconds = clock_time(folded, at, seconds);
    } else {
      const std::int64_t unit = unit_at(folded, at);
      seconds = unit == 0 ? -1 : seconds * unit;
    }
    if (seconds >= 0 && seconds <= kLongestWait) return static_cast<std::int32_t>(seconds);
  }
  return -1;
}

}  // namespace dsnwatch::core
