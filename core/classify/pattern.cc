#include "core/classify/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace dsnwatch::core {

namespace {

constexpr std::size_t kSurelySmall = 10'000;  // bytes and sets, repetitions written out

std::size_t size_of(const PatternNode& node) {
  std::size_t size = 1 + node.text.size();
  for (const PatternNode& part : node.parts) size += size_of(part);
  if (node.kind == PatternNode::Kind::kRepeat) size *= static_cast<std::size_t>(std::max({node.min, node.max, 1}));
  return std::min(size, kSurelySmall + 1);
}

}  // namespace

void LazyProgram::build() const {
  std::call_once(built_, [this] {
    if (branches_.empty()) {
      program_ = PatternProgram::compile(*tree_);
    } else {
      PatternNode some;
      some.kind = PatternNode::Kind::kAlternatives;
      for (const PatternNode* const branch : branches_) some.parts.push_back(*branch);
      program_ = PatternProgram::compile(some);
    }
    tree_ = nullptr;
    ready_.store(true, std::memory_order_release);
  });
}

Pattern::Pattern(const std::string& text, SharedPattern tree) : text_(text) {
  if (tree == nullptr) return;
  groups_ = capturing_groups(*tree);
  size_ = size_of(*tree);
  program_ = std::make_unique<LazyProgram>(std::move(tree));
}
Pattern::~Pattern() = default;

const RE2& Pattern::re2() const {
  std::call_once(re2_built_, [this] {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    // Replies are bytes of any kind: in this encoding a dot matches every one of them.
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_max_mem(1 << 20);
    re2_ = std::make_unique<RE2>(text_, options);
  });
  return *re2_;
}

Result<std::unique_ptr<const Pattern>> Pattern::compile(const std::string& text, SharedPattern tree) {
  std::unique_ptr<Pattern> pattern(new Pattern(text, std::move(tree)));
  // RE2 refuses what would become too large.
  const bool sure = pattern->program_ != nullptr && pattern->size_ <= kSurelySmall;
  if (!sure && !pattern->re2().ok()) return fail(pattern->re2().error());
  return std::unique_ptr<const Pattern>(std::move(pattern));
}

bool Pattern::search(std::string_view text, std::size_t from, std::size_t last, PatternScratch& scratch, Span& match,
                     Span* captured) const {
  const PatternProgram* const program =
      program_ != nullptr && text.size() <= PatternProgram::kMaxText ? program_->get() : nullptr;
  if (program != nullptr) return program->search(text, from, last, scratch, match, captured);
  re2::StringPiece found[2];
  const re2::StringPiece piece(text.data(), text.size());
  const int wanted = captured != nullptr && groups() > 0 ? 2 : 1;
  if (from > text.size() || !re2().Match(piece, from, text.size(), RE2::UNANCHORED, found, wanted)) return false;
  const auto span = [&](const re2::StringPiece& part) {
    if (part.data() == nullptr) return Span{};
    const auto begin = static_cast<std::size_t>(part.data() - text.data());
    return Span{begin, begin + part.size()};
  };
  match = span(found[0]);
  if (match.begin > last) return false;
  if (captured != nullptr) *captured = wanted == 2 ? span(found[1]) : Span{};
  return true;
}

bool Pattern::matches_everything() const {
  PatternScratch scratch;
  Span match;
  return search("", scratch, match, nullptr);
}

int Pattern::groups() const {
  return groups_ >= 0 ? groups_ : re2().NumberOfCapturingGroups();
}

}  // namespace dsnwatch::core
