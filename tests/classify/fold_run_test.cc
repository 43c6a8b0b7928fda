#include "core/classify/fold_run.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "core/classify/normal_reply.h"

namespace dsnwatch::core {
namespace {

struct Folded {
  FoldedRun run;
  std::string folded, plain;
};

template <class Fold>
Folded fold(Fold fold_bytes, std::string_view text, std::size_t at, char before) {
  Folded result;
  result.folded.resize(text.size() + NormalReply::kSlack);
  result.plain.resize(text.size() + NormalReply::kSlack);
  result.run = fold_bytes(text, at, before, result.folded.data(), result.plain.data());
  result.folded.resize(result.run.length);
  result.plain.resize(result.run.length);
  return result;
}

TEST(FoldRun, EndsWhereThoughtIsNeeded) {
  const auto length = [](std::string_view text, char before = ' ') {
    return fold(fold_run, text, 0, before).run.length;
  };
  EXPECT_EQ(length("Message REJECTED by rule 17, sorry"), 34u);
  EXPECT_EQ(length("two  blanks"), 4u);
  EXPECT_EQ(length(" blank", ' '), 0u);
  EXPECT_EQ(length("tab\there"), 3u);
  EXPECT_EQ(length("line\\n550"), 4u);
  EXPECT_EQ(length("see 550"), 4u);
  EXPECT_EQ(length("id-x550 a.5 a/5 a_5 u@5"), 23u);
  EXPECT_EQ(length("550", 'x'), 3u);
  EXPECT_EQ(length("caf\xc3\xa9 it\xe2\x80\x99s"), 8u);
}

TEST(FoldRun, VectorsSeeWhatSingleBytesShow) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kLikely = "abcXYZ019256 .:/_@-[]{`~\\\x7f\xc2\xe2\xff\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 70, 'a');
    const bool any = random() % 4 == 0;
    for (char& c : text) {
      if (any) c = static_cast<char>(random());
      if (!any && random() % 3 == 0) c = kLikely[random() % kLikely.size()];
    }
    if (random() % 2 == 0) text.insert(random() % (text.size() + 1), "https://a.b:1 1.2.3.4 ::1");
    const std::size_t at = random() % (text.size() + 1);
    const char before = at == 0 ? ' ' : text[at - 1];
    const Folded one = fold(fold_run, text, at, before), two = fold(fold_run_bytewise, text, at, before);
    ASSERT_EQ(one.plain, two.plain) << text;
    ASSERT_EQ(one.folded, two.folded) << text;
    ASSERT_EQ(one.run.dot, two.run.dot) << text;
    ASSERT_EQ(one.run.colon, two.run.colon) << text;
    ASSERT_EQ(one.run.link, two.run.link) << text;
  }
}

}  // namespace
}  // namespace dsnwatch::core
