#include "core/classify/code_index.h"

#include <gtest/gtest.h>

#include <vector>

namespace dsnwatch::core {
namespace {

using Numbers = std::vector<std::uint32_t>;
constexpr std::uint16_t kAny = StatusPattern::kAny;

class CodeIndexTest : public testing::Test {
 protected:
  void add(std::vector<StatusPattern> statuses, std::vector<ReplyCodePattern> codes = {}) {
    index_.add(next_++, statuses, codes);
  }
  Numbers by_status(EnhancedStatus status) const {
    const auto found = index_.by_status(status);
    return {found.begin(), found.end()};
  }
  Numbers by_code(std::uint16_t code) const {
    const auto found = index_.by_reply_code(code);
    return {found.begin(), found.end()};
  }

  CodeIndex index_;
  std::uint32_t next_ = 0;
};

TEST_F(CodeIndexTest, FindsStatusesBySubjectAndDetail) {
  add({{5, 7, 1}});
  add({{kAny, 7, kAny}});
  add({{kAny, kAny, 1}});
  add({{5, kAny, kAny}});
  index_.finish();
  EXPECT_EQ(by_status({5, 7, 1}), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(by_status({4, 7, 1}), (Numbers{0, 1, 2, 3})) << "the class is for the rule to compare";
  EXPECT_EQ(by_status({5, 7, 2}), (Numbers{1, 3}));
  EXPECT_EQ(by_status({5, 7, 999}), (Numbers{1, 3}));
  EXPECT_EQ(by_status({5, 1, 1}), (Numbers{2, 3}));
  EXPECT_EQ(by_status({5, 1, 0}), (Numbers{3}));
}

TEST_F(CodeIndexTest, FindsWhatAsksForOneOfSeveralStatusesOnce) {
  add({{5, 7, 1}, {5, 7, kAny}, {5, 1, 1}});
  index_.finish();
  EXPECT_EQ(by_status({5, 7, 1}), (Numbers{0}));
  EXPECT_EQ(by_status({5, 7, 8}), (Numbers{0}));
  EXPECT_EQ(by_status({5, 1, 1}), (Numbers{0}));
  EXPECT_EQ(by_status({5, 2, 1}), (Numbers{}));
}

TEST_F(CodeIndexTest, FindsSubjectsBeyondTheRegistry) {
  add({{5, 42, 3}});
  add({{5, kAny, kAny}});
  index_.finish();
  EXPECT_EQ(by_status({5, 42, 3}), (Numbers{0, 1}));
  EXPECT_EQ(by_status({5, 9, 3}), (Numbers{1}));
}

TEST_F(CodeIndexTest, FindsReplyCodesOfWhatAsksForNoStatus) {
  add({}, {{550, 550}});
  add({}, {{500, 599}, {550, 559}});
  add({{5, 7, 1}}, {{550, 550}});
  index_.finish();
  EXPECT_EQ(by_code(550), (Numbers{0, 1}));
  EXPECT_EQ(by_code(500), (Numbers{1}));
  EXPECT_EQ(by_code(450), (Numbers{}));
  EXPECT_EQ(by_code(0), (Numbers{}));
  EXPECT_EQ(by_code(65535), (Numbers{}));
}

}  // namespace
}  // namespace dsnwatch::core
