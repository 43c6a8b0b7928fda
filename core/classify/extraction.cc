#include "core/classify/extraction.h"

#include <algorithm>
#include <charconv>

#include "core/classify/blocklists.h"
#include "core/classify/byte_class.h"
#include "core/series/label_values.h"

namespace dsnwatch::core {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_list_cause(Cause cause) {
  return cause == Cause::kIpBlocklisted || cause == Cause::kDomainBlocklisted || cause == Cause::kUrlBlocked ||
         cause == Cause::kDynamicIp;
}

// Causes that are about a domain of ours or a link of ours.
bool names_domain(Cause cause) {
  switch (category_of(cause)) {
    case Category::kAuthentication:
      return true;
    case Category::kReputation:
      return cause == Cause::kDomainBlocklisted || cause == Cause::kDomainReputation;
    default:
      return cause == Cause::kSenderBlocked || cause == Cause::kUrlBlocked || cause == Cause::kSenderSuspended ||
             cause == Cause::kRateLimited;
  }
}

constexpr ByteClass kLinkEnds(" <>\"'()[]{}|");

// The link whose "://" stands at `colon`, without the punctuation of the sentence around it.
std::string_view link_at(const NormalReply& reply, std::size_t colon) {
  std::size_t begin = colon;
  while (begin > 0 && reply.folded[begin - 1] >= 'a' && reply.folded[begin - 1] <= 'z') --begin;
  const std::string_view scheme = reply.folded.substr(begin, colon - begin);
  if (scheme != "http" && scheme != "https") return {};
  std::size_t end = colon;
  while (end < reply.plain.size() && !kLinkEnds.has(reply.plain[end])) ++end;
  std::string_view link = reply.plain.substr(begin, end - begin);
  while (!link.empty() && std::string_view(".,;:!?").find(link.back()) != std::string_view::npos) link.remove_suffix(1);
  return is_printable(link) && link.size() > scheme.size() + 3 ? link : std::string_view();
}

// The list that a piece of text names: by its id, or by the longest of the marks in it.
BlocklistId list_named(std::string_view text) {
  if (const BlocklistId id = find_blocklist(text); id != kNoBlocklist) return id;
  std::size_t length = 0;
  BlocklistId named = kNoBlocklist;
  for (std::size_t i = 0; i < blocklists().size(); ++i) {
    for (const std::string_view mark : blocklists()[i].marks) {
      if (mark.size() <= length || text.find(mark) == std::string_view::npos) continue;
      length = mark.size();
      named = static_cast<BlocklistId>(i);
    }
  }
  return named;
}

void take(ExtractField field, std::string_view folded, std::string_view plain, Verdict& verdict) {
  switch (field) {
    case ExtractField::kIp:
      if (parse_ip(folded)) verdict.ip = folded;
      return;
    case ExtractField::kDomain:
      if (is_printable(folded) && folded.size() <= 253) verdict.domain = folded;
      return;
    case ExtractField::kUrl:
      if (is_printable(plain)) verdict.url = plain;
      return;
    case ExtractField::kWait: {
      std::int32_t seconds = 0;
      const auto [end, error] = std::from_chars(folded.data(), folded.data() + folded.size(), seconds);
      if (error == std::errc() && end == folded.data() + folded.size() && seconds >= 0) {
        verdict.wait_seconds = seconds;
      } else {
        verdict.wait_seconds = find_wait(folded);
      }
      return;
    }
    case ExtractField::kBlocklist:
      if (const BlocklistId id = list_named(folded); id != kNoBlocklist) verdict.blocklist = id;
      return;
    case ExtractField::kCode:
      if (is_printable(plain) && plain.size() <= 64) verdict.vendor_code = plain;
      return;
  }
}

void extract_by_rule(const Reading& reading, const CompiledRule& rule, PatternScratch& scratch, Verdict& verdict) {
  const NormalReply& reply = reading.reply;
  verdict.blocklist = rule.blocklist;
  if (!rule.code.empty()) verdict.vendor_code = rule.code;
  for (const auto& [field, pattern] : rule.extract) {
    Span match, group;
    if (!pattern->search(reply.folded, scratch, match, &group) || group.end == group.begin) continue;
    const std::size_t length = group.end - group.begin;
    take(field, reply.folded.substr(group.begin, length), reply.plain.substr(group.begin, length), verdict);
  }
}

bool concerns_list(const Verdict& verdict) {
  const auto* const end = verdict.secondary.begin() + verdict.secondary_count;
  return is_list_cause(verdict.cause) || std::any_of(verdict.secondary.begin(), end, is_list_cause);
}

}  // namespace

void extract(const Reading& reading, const Decision& decision, std::string_view remote_ip, PatternScratch& scratch,
             Verdict& verdict) {
  if (decision.rule != nullptr) extract_by_rule(reading, *decision.rule, scratch, verdict);
  const NormalReply& reply = reading.reply;
  if (verdict.ip.empty()) verdict.ip = find_ip(reply, remote_ip);
  if (verdict.url.empty() && reply.link != std::string_view::npos && reply.link < reply.folded.size()) {
    verdict.url = link_at(reply, reply.link);
  }
  if (verdict.domain.empty() && names_domain(verdict.cause)) verdict.domain = find_domain(reply.folded);
  if (verdict.wait_seconds < 0 && reading.has(Marker::kWait)) verdict.wait_seconds = find_wait(reply.folded);
  if (verdict.blocklist == kNoBlocklist && (concerns_list(verdict) || reading.has(Marker::kListReturnCode))) {
    const bool unknown_list = verdict.cause == Cause::kIpBlocklisted || verdict.cause == Cause::kDomainBlocklisted;
    verdict.blocklist = reading.list == kNoBlocklist && unknown_list ? kOtherBlocklist : reading.list;
  }
}

}  // namespace dsnwatch::core
