// Replies that are no replies: any bytes, far too long, made of what the rules look for.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"

namespace dsnwatch::core {
namespace {

class HostileReply : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    providers_ = *Providers::build(shipped_providers(), default_internal_networks());
    specs_ = new std::vector<RuleSpec>(shipped_rules());
    classifier_ = new Classifier(*RuleSet::build(*specs_, *providers_), providers_);
  }
  static void TearDownTestSuite() {
    delete classifier_;
    delete specs_;
    providers_.reset();
  }

  // What leaves must be safe to print and to label, whatever came in.
  static void expect_sane(const std::string& text) {
    ReplyContext reply;
    reply.text = text;
    const Verdict verdict = classifier_->classify(reply);
    for (const std::string_view value : {verdict.ip, verdict.domain, verdict.url, verdict.vendor_code, verdict.rule}) {
      EXPECT_TRUE(std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f; })) << value;
    }
    EXPECT_LE(verdict.secondary_count, verdict.secondary.size());
    EXPECT_LT(static_cast<int>(verdict.cause), kCauseCount);
    EXPECT_LT(verdict.blocklist, blocklist_count());
    EXPECT_LT(verdict.provider, providers_->size());
    EXPECT_GE(verdict.wait_seconds, -1);
  }

  static std::shared_ptr<const Providers> providers_;
  static std::vector<RuleSpec>* specs_;
  static Classifier* classifier_;
};
std::shared_ptr<const Providers> HostileReply::providers_;
std::vector<RuleSpec>* HostileReply::specs_ = nullptr;
Classifier* HostileReply::classifier_ = nullptr;

TEST_F(HostileReply, OfAnyBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = static_cast<char>(random());
    expect_sane((round % 2 == 0 ? "550 5.7.1 " : "") + text);
  }
}

TEST_F(HostileReply, EveryExampleCutAnywhereAndWithAByteChanged) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const RuleSpec& spec : *specs_) {
    for (const RuleExample& example : spec.examples) {
      std::string text = example.text.substr(0, random() % (example.text.size() + 1));
      if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
      expect_sane(text);
    }
  }
}

TEST_F(HostileReply, OfOnePieceTenThousandTimes) {
  for (const std::string& piece : {std::string("user "),
                                   std::string("blocked using "),
                                   std::string("550 5.7.1 "),
                                   std::string("550-"),
                                   std::string("host a said: 550 "),
                                   std::string("<<< 550 "),
                                   std::string("please "),
                                   std::string("spf "),
                                   std::string("192.0.2.1 "),
                                   std::string("::"),
                                   std::string("http://"),
                                   std::string("domain "),
                                   std::string("in 5 "),
                                   std::string("("),
                                   std::string("\xe2\x80"),
                                   std::string("\\n"),
                                   std::string(" "),
                                   std::string("a@"),
                                   std::string("rejected: "),
                                   std::string("pass "),
                                   std::string("last reply: ")}) {
    std::string text;
    while (text.size() < 10'000) text += piece;
    SCOPED_TRACE(piece);
    expect_sane(text);
    expect_sane("550 5.7.1 " + text);
  }
}

TEST_F(HostileReply, OfNearMatchesOfEveryRule) {
  std::string text = "550 5.7.1 ";
  for (const RuleSpec& spec : *specs_) {
    for (const RuleExample& example : spec.examples) {
      if (example.text.size() < 20) continue;
      text += example.text.substr(4, example.text.size() - 8) + " ";
      if (text.size() > 10'000) {
        expect_sane(text);
        text = "550 5.7.1 ";
      }
    }
  }
  expect_sane(text);
}

TEST_F(HostileReply, LongerThanAnyServerSays) {
  expect_sane("550 " + std::string(1 << 20, 'x'));
  expect_sane(std::string(1 << 20, '5'));
  expect_sane("550 5.7.1 " + std::string(20'000, ' ') + "user unknown");
}

TEST_F(HostileReply, AnswersDoNotDependOnEarlierReplies) {
  ReplyContext reply;
  reply.text = "550 5.1.1 <user@example.org>: no such user here";
  const std::string before(classifier_->classify(reply).rule);
  expect_sane("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org " + std::string(9'000, 'z'));
  const Verdict after = classifier_->classify(reply);
  EXPECT_EQ(after.rule, before);
  EXPECT_EQ(after.blocklist, kNoBlocklist);
  EXPECT_TRUE(after.ip.empty());
}

}  // namespace
}  // namespace dsnwatch::core
