#include "core/classify/list_object.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/classify/blocklists.h"
#include "core/classify/clauses.h"

namespace dsnwatch::core {
namespace {

enum class Object : std::uint8_t { kNone, kIp, kDomain, kUrl };

struct Word {
  std::string_view text;
  Object object;
};
constexpr auto kWords = std::to_array<Word>({
    {"client host", Object::kIp},
    {"client", Object::kIp},
    {"sending host", Object::kIp},
    {"ip ", Object::kIp},
    {"ip-", Object::kIp},
    {"host [", Object::kIp},
    {"server", Object::kIp},
    {"connection", Object::kIp},
    {"sender address", Object::kDomain},
    {"sender domain", Object::kDomain},
    {"sending domain", Object::kDomain},
    {"from domain", Object::kDomain},
    {"from address", Object::kDomain},
    {"mail from", Object::kDomain},
    {"mailfrom", Object::kDomain},
    {"envelope from", Object::kDomain},
    {"your domain", Object::kDomain},
    {"domain ", Object::kDomain},
    {"helo", Object::kDomain},
    {"ehlo", Object::kDomain},
    {"reverse host", Object::kDomain},
    {"rdns", Object::kDomain},
    {"url", Object::kUrl},
    {"uri ", Object::kUrl},
    {"link", Object::kUrl},
    {"body", Object::kUrl},
    {"message contains", Object::kUrl},
});

// "Mail from 192.0.2.1", "mail from [2001:db8::1]": the words are the sender's, the object is the host.
bool begins_with_ip(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" [(<:");
  if (at == std::string_view::npos) return false;
  const std::string_view word = text.substr(at, text.find_first_of(" ])>;,", at) - at);
  return word.size() >= 7 && word.find_first_not_of("0123456789abcdef.:") == std::string_view::npos &&
         word.find_first_of(".:") != std::string_view::npos;
}

// By the low five bits of a word's last byte and of the one in front of it: a bit for each word.
constexpr std::array<std::array<std::uint32_t, 32>, 2> kEndings = [] {
  std::array<std::array<std::uint32_t, 32>, 2> endings{};
  static_assert(kWords.size() <= 32);
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    for (std::size_t back = 0; back < endings.size(); ++back) {
      const std::string_view text = kWords[i].text;
      endings[back][static_cast<unsigned char>(text[text.size() - 1 - back]) & 31U] |= std::uint32_t{1} << i;
    }
  }
  return endings;
}();

// The last object named in front of the place where the listing is asserted.
Object named_object(std::string_view clause) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(clause.data());
  for (std::size_t end = clause.size(); end > 1; --end) {
    std::uint32_t words = kEndings[0][bytes[end - 1] & 31U] & kEndings[1][bytes[end - 2] & 31U];
    for (; words != 0; words &= words - 1) {
      const Word& word = kWords[static_cast<std::size_t>(std::countr_zero(words))];
      if (!clause.substr(0, end).ends_with(word.text)) continue;
      return begins_with_ip(clause.substr(end)) ? Object::kIp : word.object;
    }
  }
  return Object::kNone;
}

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool answers_policy_range(std::string_view text) {
  for (const std::string_view code : {"127.0.0.10", "127.0.0.11"}) {
    const std::size_t at = text.find(code);
    if (at == std::string_view::npos) continue;
    const std::size_t end = at + code.size();
    if (end >= text.size() || text[end] < '0' || text[end] > '9') return true;
  }
  return false;
}

}  // namespace

Cause listed_object(const Reading& reading, Span span) {
  const std::string_view text = reading.reply.folded;
  const Blocklist& list = blocklist(reading.list);
  const bool spamhaus = list.id.starts_with("spamhaus");
  if (reading.has(Marker::kListReturnCode)) {
    if (has(text, "127.255.255.") || has(text, "open resolver")) return Cause::kPolicy;
    if (spamhaus && answers_policy_range(text)) return Cause::kDynamicIp;
  }
  const std::size_t begin = clause_begin(text, span.begin);
  const Object object = named_object(text.substr(begin, span.end - begin));
  switch (list.scope) {
    case BlocklistScope::kUrl:
      return object == Object::kDomain ? Cause::kDomainBlocklisted : Cause::kUrlBlocked;
    case BlocklistScope::kDomain:
      return object == Object::kUrl ? Cause::kUrlBlocked : Cause::kDomainBlocklisted;
    case BlocklistScope::kIp:
    case BlocklistScope::kPolicy:
      break;
  }
  if (object == Object::kDomain) return Cause::kDomainBlocklisted;
  if (object == Object::kUrl) return Cause::kUrlBlocked;
  return list.scope == BlocklistScope::kPolicy ? Cause::kDynamicIp : Cause::kIpBlocklisted;
}

}  // namespace dsnwatch::core
