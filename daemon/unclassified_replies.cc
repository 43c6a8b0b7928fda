#include "daemon/unclassified_replies.h"

#include <algorithm>
#include <tuple>

#include "daemon/report/mask_reply.h"

namespace dsnwatch::daemon {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

/// Part of a word, or of a code such as 5.7.1, 550-5.7.1 or #4.16.55.
bool joins(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == '#';
}

bool has_words(std::string_view text) {
  // Placeholders are none.
  bool inside = false;
  for (const char c : text) {
    if (c == '<') inside = true;
    if (!inside && is_letter(c)) return true;
    if (c == '>') inside = false;
  }
  return false;
}

void widen(UnclassifiedReplies::Reply& reply, std::int64_t first_us, std::int64_t last_us) {
  if (first_us == core::kNoTime) return;
  if (reply.first_us == core::kNoTime || first_us < reply.first_us) reply.first_us = first_us;
  reply.last_us = std::max(reply.last_us, last_us);
}

}  // namespace

void mask_numbers(std::string_view masked, std::string& out) {
  out.clear();
  std::size_t i = 0;
  // The reply code and the status in front.
  while (i < masked.size() && !is_letter(masked[i]) && masked[i] != '<') out += masked[i++];
  while (i < masked.size()) {
    if (!is_digit(masked[i]) || joins(masked[i - (i > 0 ? 1 : 0)])) {
      out += masked[i++];
      continue;
    }
    std::size_t end = i;
    while (end < masked.size() && is_digit(masked[end])) ++end;
    const bool full_stop =
        end < masked.size() && masked[end] == '.' && (end + 1 == masked.size() || masked[end + 1] == ' ');
    if (end < masked.size() && joins(masked[end]) && !full_stop) {
      while (i < masked.size() && joins(masked[i])) out += masked[i++];
    } else {
      out += "<n>";
      i = end;
    }
  }
}

void UnclassifiedReplies::add(const core::Attempt& attempt, core::Cause cause) {
  mask_reply(attempt.text, {attempt.recipient, attempt.sender}, masked_);
  mask_numbers(masked_, template_);
  if (!has_words(template_)) return;
  total_ += attempt.count;
  Reply& reply = reply_of(template_);
  if (reply.count == 0) reply.cause = cause;
  reply.count += attempt.count;
  widen(reply, attempt.time_us, attempt.time_us);
}

void UnclassifiedReplies::merge(const UnclassifiedReplies& other) {
  total_ += other.total_;
  not_listed_ += other.not_listed_;
  for (const auto& [text, theirs] : other.replies_) {
    Reply& reply = reply_of(text);
    if (reply.count == 0) reply.cause = theirs.cause;
    reply.count += theirs.count;
    widen(reply, theirs.first_us, theirs.last_us);
  }
}

UnclassifiedReplies::Reply& UnclassifiedReplies::reply_of(const std::string& text) {
  if (const auto found = replies_.find(text); found != replies_.end()) return found->second;
  if (replies_.size() >= most_) {
    const auto lightest = std::min_element(
        replies_.begin(), replies_.end(), [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
    not_listed_ += lightest->second.count;
    replies_.erase(lightest);
  }
  Reply& reply = replies_[text];
  reply.text = text;
  return reply;
}

std::vector<const UnclassifiedReplies::Reply*> UnclassifiedReplies::ranked(std::size_t top) const {
  std::vector<const Reply*> all;
  all.reserve(replies_.size());
  for (const auto& [text, reply] : replies_) all.push_back(&reply);
  std::sort(all.begin(), all.end(),
            [](const Reply* a, const Reply* b) { return std::tie(b->count, a->text) < std::tie(a->count, b->text); });
  if (top != 0 && all.size() > top) all.resize(top);
  return all;
}

}  // namespace dsnwatch::daemon
