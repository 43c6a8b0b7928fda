#include "daemon/report/rule_skeletons.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/normal_reply.h"
#include "core/classify/rule_set.h"
#include "daemon/report/utc_time.h"

namespace dsnwatch::daemon {
namespace {

/// What stands for a placeholder in an example: reserved names and addresses (RFC 2606, RFC 5737).
struct Filling {
  std::string_view placeholder, text;
};
constexpr std::array<Filling, 7> kFillings = {{{"<ip>", "192.0.2.1"},
                                               {"<host>", "mail.example.com"},
                                               {"<address>", "user@example.com"},
                                               {"<name>", "user"},
                                               {"<n>", "12345"},
                                               {"<id>", "a1b2c3d4e5f6"},
                                               {"<time>", "00:05:00"}}};
constexpr std::size_t kShortestMatch = 6;  // Shorter words stand in too many replies.
constexpr std::size_t kWordsOfAnId = 4;
// A pattern must win whatever it will be taken for: a kind of spam, of address, of policy, of outage.
constexpr std::array<core::Cause, 4> kTried = {core::Cause::kSpam, core::Cause::kUserUnknown, core::Cause::kPolicy,
                                               core::Cause::kServerError};

struct Skeleton {
  const UnclassifiedReplies::Reply* reply = nullptr;
  std::string id, example;
  std::vector<std::string> pieces;  ///< Of the words, the longest first.
  std::size_t chosen = 0;           ///< Of the pieces; their number: none will do.
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return is_word(c) && !(c >= '0' && c <= '9'); }));
}

std::string filled_in(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto found = std::find_if(kFillings.begin(), kFillings.end(),
                                    [&](const Filling& filling) { return text.starts_with(filling.placeholder); });
    if (found == kFillings.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += found->text;
      text.remove_prefix(found->placeholder.size());
    }
  }
  if (out.ends_with("...")) out.resize(out.size() - 3);  // Cut when it was masked.
  return out;
}

/// The runs of words between values in a normalised text, with letters enough to tell it from others.
std::vector<std::string> pieces_of(std::string_view folded) {
  std::vector<std::string> pieces;
  while (!folded.empty()) {
    std::size_t end = folded.size(), next = folded.size();
    for (const Filling& filling : kFillings) {
      // "user" may be a word of the text.
      if (filling.placeholder == "<name>") continue;
      if (const std::size_t at = folded.find(filling.text); at < end) {
        end = at;
        next = at + filling.text.size();
      }
    }
    std::string_view piece = folded.substr(0, end);
    while (!piece.empty() && !is_word(piece.front())) piece.remove_prefix(1);
    while (!piece.empty() && !is_word(piece.back())) piece.remove_suffix(1);
    if (letters_of(piece) >= kShortestMatch) pieces.emplace_back(piece);
    folded.remove_prefix(next);
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const auto& a, const auto& b) { return letters_of(a) > letters_of(b); });
  return pieces;
}

std::string quoted_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_word(c) && c != ' ' && c != '_') out += '\\';
    out += c;
  }
  return out;
}

std::string quoted_yaml(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

/// "own.first_words_of_it"
std::string id_of(std::string_view piece, std::set<std::string>& taken) {
  std::string id = "own.";
  std::size_t words = 0;
  for (const char c : piece) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      id += c;
    } else if (id.back() != '_' && id.back() != '.') {
      if (++words == kWordsOfAnId) break;
      id += '_';
    }
  }
  if (id.back() == '_') id.pop_back();
  if (id == "own.") id += "reply";
  std::string unique = id;
  for (int number = 2; !taken.insert(unique).second; ++number) unique = id + "_" + std::to_string(number);
  return unique;
}

/// Takes the next piece of each skeleton that did not win its example; false if all of them did, or have none left.
core::Result<bool> try_once(std::vector<Skeleton>& skeletons, core::Cause cause, std::span<const core::RuleSpec> rules,
                            const std::shared_ptr<const core::Providers>& providers) {
  std::vector<core::RuleSpec> specs(rules.begin(), rules.end());
  for (const Skeleton& skeleton : skeletons) {
    if (skeleton.chosen >= skeleton.pieces.size()) continue;
    core::RuleSpec spec;
    spec.id = skeleton.id;
    spec.cause = cause;
    spec.match = quoted_pattern(skeleton.pieces[skeleton.chosen]);
    specs.push_back(std::move(spec));
  }
  auto built = core::RuleSet::build(std::move(specs), *providers);
  if (!built) return tl::unexpected(std::move(built).error());
  core::Classifier classifier(*built, providers);
  bool again = false;
  for (Skeleton& skeleton : skeletons) {
    if (skeleton.chosen >= skeleton.pieces.size()) continue;
    core::ReplyContext reply;
    reply.text = skeleton.example;
    if (classifier.classify(reply).rule == skeleton.id) continue;
    ++skeleton.chosen;
    again = true;
  }
  return again;
}

std::string times_of(const UnclassifiedReplies::Reply& reply) {
  std::string text = std::to_string(reply.count) + (reply.count == 1 ? " time" : " times");
  if (reply.first_us != core::kNoTime)
    text += ", " + minute_utc(reply.first_us) + " to " + minute_utc(reply.last_us) + " UTC";
  return text + ", taken for " + std::string(core::name(reply.cause));
}

std::string yaml_of(const std::vector<Skeleton>& skeletons) {
  std::string out =
      "# Replies that no rule knew, most frequent first. Fill the causes in, widen or cut the patterns, and put the "
      "file\n"
      "# where `rules` points; `dsnwatch rules check FILE` tells whether each example hits its rule.\n"
      "rules:";
  bool any = false;
  for (const Skeleton& skeleton : skeletons) any |= skeleton.chosen < skeleton.pieces.size();
  out += any ? "\n" : " []\n";
  for (const Skeleton& skeleton : skeletons) {
    out += "  # " + times_of(*skeleton.reply) + "\n";
    if (skeleton.chosen >= skeleton.pieces.size()) {
      out += "  # too few words of its own for a pattern: " + skeleton.reply->text + "\n";
      continue;
    }
    out += "  - id: " + skeleton.id +
           "\n    cause:\n    match: " + quoted_yaml(quoted_pattern(skeleton.pieces[skeleton.chosen])) +
           "\n    examples:\n      - " + quoted_yaml(skeleton.example) + "\n";
  }
  return out;
}

}  // namespace

core::Result<std::string> rule_skeletons(const UnclassifiedReplies& replies, std::size_t top,
                                         std::span<const core::RuleSpec> rules,
                                         const std::shared_ptr<const core::Providers>& providers) {
  std::vector<Skeleton> skeletons;
  std::set<std::string> ids;
  for (const core::RuleSpec& rule : rules) ids.insert(rule.id);
  core::ReplyNormalizer normalizer;
  for (const UnclassifiedReplies::Reply* reply : replies.ranked(top)) {
    Skeleton& skeleton = skeletons.emplace_back();
    skeleton.reply = reply;
    skeleton.example = filled_in(reply->text);
    skeleton.pieces = pieces_of(normalizer.normalize(skeleton.example, 0).folded);
    skeleton.id = id_of(skeleton.pieces.empty() ? std::string_view() : skeleton.pieces.front(), ids);
  }
  for (bool again = true; again;) {
    again = false;
    for (const core::Cause cause : kTried) {
      const auto tried = try_once(skeletons, cause, rules, providers);
      if (!tried) return tl::unexpected(tried.error());
      again |= *tried;
    }
  }
  return yaml_of(skeletons);
}

}  // namespace dsnwatch::daemon
