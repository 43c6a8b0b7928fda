#include "core/classify/classifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/classify/blocklists.h"
#include "tests/classify/engine_fixture.h"

namespace dsnwatch::core {
namespace {

std::vector<RuleSpec> rules() {
  std::vector<RuleSpec> specs = {
      rule("text.unknown", Cause::kUserUnknown, "user unknown|no such user"),
      rule("text.domain", Cause::kDomainNotFound, "domain not found"),
      rule("text.spf", Cause::kSpfFail, "\\bspf\\b"),
      rule("text.dkim", Cause::kDkimFail, "\\bdkim\\b"),
      rule("text.dmarc", Cause::kDmarcFail, "dmarc.{0,20}fail"),
      rule("text.spam", Cause::kSpam, "\\bspam\\b"),
      rule("text.listed", Cause::kIpBlocklisted, "blocked using|listed (?:at|in|on)"),
      rule("text.refused", Cause::kConnectionFailed, "connection refused"),
      rule("text.full", Cause::kMailboxFull, "mailbox full|over quota"),
      rule("text.grey", Cause::kGreylisted, "greylist"),
      rule("text.policy", Cause::kPolicy, "access denied|policy"),
      status_rule("status.5.7.23", Cause::kSpfFail, "x.7.23", true),
      status_rule("status.5.1.1", Cause::kUserUnknown, "5.1.1", false),
      status_rule("status.5.7", Cause::kPolicy, "5.7.x", false),
      code_rule("code.550", Cause::kServerError, "550"),
      code_rule("code.5xx", Cause::kProtocolError, "5xx"),
  };
  RuleSpec vendor = rule("alpha.code", Cause::kIpBlocked, "");
  vendor.code = "Q3150";
  vendor.provider = "alpha";
  specs.push_back(vendor);
  RuleSpec provider = rule("alpha.busy", Cause::kRateLimited, "come back");
  provider.provider = "alpha";
  specs.push_back(provider);
  RuleSpec told = rule("beta.words", Cause::kSenderBlocked, "betaesque refusal");
  told.provider = "beta";
  told.tells_provider = true;
  specs.push_back(told);
  RuleSpec local = rule("local.resolver", Cause::kDnsFailure, "name service error");
  local.side = Side::kLocal;
  specs.push_back(local);
  return specs;
}

struct Engine {
  std::shared_ptr<const Providers> providers = two_providers();
  Classifier classifier{compiled(rules(), *providers), providers};
};

struct ReplyCase {
  const char* name;
  const char* text;
  Stage stage;
  const char* provider;  // by MX; "": none
  Cause cause;
  const char* rule;
  std::vector<Cause> secondary;
};

class Reply : public testing::TestWithParam<ReplyCase> {};

TEST_P(Reply, IsDecidedInTheOrderOfTheTiers) {
  Engine engine;
  ReplyContext reply;
  reply.text = GetParam().text;
  reply.stage = GetParam().stage;
  reply.side = Side::kRemote;
  if (*GetParam().provider != '\0') reply.provider = engine.providers->find(GetParam().provider);
  const Verdict verdict = engine.classifier.classify(reply);
  EXPECT_EQ(name(verdict.cause), name(GetParam().cause));
  EXPECT_EQ(verdict.rule, GetParam().rule);
  const std::vector<Cause> secondary(verdict.secondary.begin(), verdict.secondary.begin() + verdict.secondary_count);
  EXPECT_EQ(secondary, GetParam().secondary);
}

INSTANTIATE_TEST_SUITE_P(
    Tiers, Reply,
    testing::ValuesIn(std::vector<ReplyCase>{
        {"vendor_code_first", "550 5.1.1 user unknown (Q3150)", Stage::kRcpt, "", Cause::kIpBlocked, "alpha.code", {}},
        {"vendor_code_as_a_word_only",
         "550 5.1.1 user unknown (XQ31500)",
         Stage::kRcpt,
         "",
         Cause::kUserUnknown,
         "text.unknown",
         {}},
        {"provider_by_mx", "450 come back, no such user", Stage::kRcpt, "alpha", Cause::kRateLimited, "alpha.busy", {}},
        {"provider_by_mark", "450 come back - alphamx", Stage::kRcpt, "beta", Cause::kRateLimited, "alpha.busy", {}},
        {"other_provider",
         "450 come back, no such user",
         Stage::kRcpt,
         "beta",
         Cause::kUserUnknown,
         "text.unknown",
         {}},
        {"provider_told_by_the_words",
         "550 betaesque refusal",
         Stage::kRcpt,
         "",
         Cause::kSenderBlocked,
         "beta.words",
         {}},
        {"decisive_code_beats_vague_words",
         "550 5.7.23 access denied",
         Stage::kEod,
         "",
         Cause::kSpfFail,
         "status.5.7.23",
         {}},
        {"words_beat_leaning_code", "550 5.1.1 mailbox full", Stage::kRcpt, "", Cause::kMailboxFull, "text.full", {}},
        {"leaning_code", "550 5.1.1 sorry", Stage::kRcpt, "", Cause::kUserUnknown, "status.5.1.1", {}},
        {"reply_code", "550 sorry", Stage::kRcpt, "", Cause::kServerError, "code.550", {}},
        {"closer_reply_code_first", "551 sorry", Stage::kRcpt, "", Cause::kProtocolError, "code.5xx", {}},
        {"nothing", "hello", Stage::kUnknown, "", Cause::kUnknown, "", {}},
        {"authentication_before_content",
         "550 5.7.1 spam, and dmarc policy failed",
         Stage::kEod,
         "",
         Cause::kDmarcFail,
         "text.dmarc",
         {Cause::kSpam}},
        {"subject_of_the_code_first",
         "550 5.1.1 no such user (spam filter 7)",
         Stage::kEod,
         "",
         Cause::kUserUnknown,
         "text.unknown",
         {Cause::kSpam}},
        {"advice_is_no_assertion",
         "554 5.7.1 host 192.0.2.1 blocked using bl.spamcop.net; please check your SPF and DKIM records",
         Stage::kRcpt,
         "",
         Cause::kIpBlocklisted,
         "text.listed",
         {}},
        {"word_inside_an_address",
         "550 5.1.1 <spam@example.org>: user unknown",
         Stage::kRcpt,
         "",
         Cause::kUserUnknown,
         "text.unknown",
         {}},
        {"pass_is_no_failure", "550 5.7.1 SPF pass, greylisted", Stage::kEod, "", Cause::kGreylisted, "text.grey", {}},
        {"no_spf_at_the_banner",
         "554 SPF or not, 192.0.2.1 is listed at bl.spamcop.net",
         Stage::kConnect,
         "",
         Cause::kIpBlocklisted,
         "text.listed",
         {}},
        {"listed_sender",
         "554 5.7.1 Sender address [news@example.com] blocked using list.example.net",
         Stage::kRcpt,
         "",
         Cause::kDomainBlocklisted,
         "text.listed",
         {}},
        {"listed_link",
         "550 5.7.1 a link in the body is listed at multi.uribl.com",
         Stage::kEod,
         "",
         Cause::kUrlBlocked,
         "text.listed",
         {}},
        {"policy_range",
         "554 Client host [192.0.2.1] blocked using zen.spamhaus.org; 127.0.0.11",
         Stage::kRcpt,
         "",
         Cause::kDynamicIp,
         "text.listed",
         {Cause::kIpBlocklisted}},
        {"list_asked_wrongly",
         "554 Client host [192.0.2.1] blocked using zen.spamhaus.org; 127.255.255.254",
         Stage::kRcpt,
         "",
         Cause::kPolicy,
         "text.listed",
         {}},
        {"postfix_object_client",
         "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
         Stage::kRcpt,
         "",
         Cause::kIpBlocked,
         "postfix.client_rejected",
         {}},
        {"postfix_object_sender",
         "450 4.1.8 <news@example.com>: Sender address rejected: Domain not found",
         Stage::kRcpt,
         "",
         Cause::kSenderInvalid,
         "text.domain",
         {}},
        {"postfix_reason_beats_object",
         "450 4.7.1 <u@example.org>: Recipient address rejected: Greylisted",
         Stage::kRcpt,
         "",
         Cause::kGreylisted,
         "text.grey",
         {}},
        {"quoted_reply",
         "554 5.0.0 Service unavailable; <<< 550 5.2.2 over quota",
         Stage::kRcpt,
         "",
         Cause::kMailboxFull,
         "text.full",
         {}},
        {"sender_callback",
         "550-Verification failed for <news@example.com> 550-No such user here 550 Sender verify failed",
         Stage::kRcpt,
         "",
         Cause::kSenderInvalid,
         "sender_callback",
         {}},
        {"expired_with_its_reason",
         "5.4.7 (delivery time expired) last reply: 451 4.7.1 Greylisting in action",
         Stage::kUnknown,
         "",
         Cause::kExpired,
         "expired",
         {Cause::kGreylisted}},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Classifier, ProviderIsThatOfTheWordsThenOfTheMx) {
  Engine engine;
  const auto provider = [&](const char* text, const char* mx) {
    ReplyContext reply;
    reply.text = text;
    reply.provider = engine.providers->by_mx(mx);
    return std::string(engine.providers->id(engine.classifier.classify(reply).provider));
  };
  EXPECT_EQ(provider("550 no", "mx.alpha.example"), "alpha");
  EXPECT_EQ(provider("550 betaesque refusal", "mx.alpha.example"), "beta");
  EXPECT_EQ(provider("550 no - alphamx", "mx.beta.example"), "alpha");
  EXPECT_EQ(provider("550 no", "mx.example.org"), "other");
}

TEST(Classifier, InnerHopsStayInternal) {
  Engine engine;
  Attempt attempt;
  attempt.result = AttemptResult::kBounced;
  attempt.remote = true;
  attempt.remote_ip = "127.0.0.1";
  attempt.text = "550 betaesque refusal";
  const Verdict verdict = engine.classifier.classify(attempt);
  EXPECT_EQ(verdict.provider, kInternalProvider);
  EXPECT_EQ(verdict.cause, Cause::kSenderBlocked);
}

TEST(Classifier, DeliveredHasNoCause) {
  Engine engine;
  Attempt attempt;
  attempt.result = AttemptResult::kDelivered;
  attempt.remote_host = "mx.alpha.example";
  attempt.smtp_code = 250;
  attempt.dsn = "2.0.0";
  attempt.text = "250 2.0.0 accepted, user unknown is his nickname";
  const Verdict verdict = engine.classifier.classify(attempt);
  EXPECT_EQ(verdict.cause, Cause::kUnknown);
  EXPECT_EQ(verdict.rule, "");
  EXPECT_EQ(engine.providers->id(verdict.provider), "alpha");
  EXPECT_EQ(verdict.smtp_code, 250);
}

TEST(Classifier, ExpiredKeepsTheLastCauseAndProvider) {
  Engine engine;
  Attempt attempt;
  attempt.result = AttemptResult::kExpired;
  attempt.last_cause = Cause::kGreylisted;
  attempt.last_provider = engine.providers->find("beta");
  attempt.recipient = "user@alpha.test";
  Verdict verdict = engine.classifier.classify(attempt);
  EXPECT_EQ(verdict.cause, Cause::kExpired);
  ASSERT_EQ(verdict.secondary_count, 1);
  EXPECT_EQ(verdict.secondary[0], Cause::kGreylisted);
  EXPECT_EQ(engine.providers->id(verdict.provider), "beta");

  attempt.last_provider = kNoProvider;
  verdict = engine.classifier.classify(attempt);
  EXPECT_EQ(engine.providers->id(verdict.provider), "alpha");
}

TEST(Classifier, LocalReasonsFallUnderLocalRules) {
  Engine engine;
  Attempt attempt;
  attempt.result = AttemptResult::kDeferred;
  attempt.text =
      "Host or domain name not found. Name service error for name=example.org type=MX: Host not found, try again";
  attempt.dsn = "4.4.3";
  const Verdict verdict = engine.classifier.classify(attempt);
  EXPECT_EQ(verdict.rule, "local.resolver");
  EXPECT_EQ(to_string(verdict.enhanced), "4.4.3");
  EXPECT_EQ(verdict.klass, ReplyClass::kTransient);
  attempt.remote = true;
  EXPECT_NE(engine.classifier.classify(attempt).rule, "local.resolver");
}

TEST(Classifier, CodesFollowTheOuterReply) {
  Engine engine;
  ReplyContext reply;
  reply.text = "554 5.0.0 Service unavailable; <<< 450 4.2.2 over quota";
  Verdict verdict = engine.classifier.classify(reply);
  EXPECT_EQ(verdict.smtp_code, 554);
  EXPECT_EQ(to_string(verdict.enhanced), "5.0.0");
  EXPECT_EQ(verdict.klass, ReplyClass::kPermanent);

  reply.text = "550 sorry";
  verdict = engine.classifier.classify(reply);
  EXPECT_EQ(to_string(verdict.enhanced), "5.0.0");
  reply.dsn = "5.1.2";
  EXPECT_EQ(to_string(engine.classifier.classify(reply).enhanced), "5.1.2");
}

TEST(Classifier, TakesTheValuesOutOfTheText) {
  Engine engine;
  ReplyContext reply;
  reply.text =
      "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org; see https://Check.example/Query?ip=192.0.2.1. "
      "Retry in 5 minutes";
  const Verdict verdict = engine.classifier.classify(reply);
  EXPECT_EQ(verdict.ip, "192.0.2.1");
  EXPECT_EQ(verdict.url, "https://Check.example/Query?ip=192.0.2.1");
  EXPECT_EQ(blocklist_name(verdict.blocklist), "spamhaus_zen");
  EXPECT_EQ(verdict.wait_seconds, 300);

  reply.text = "554 5.7.1 192.0.2.1 is listed at rbl.example.org";
  EXPECT_EQ(engine.classifier.classify(reply).blocklist, kOtherBlocklist);
  reply.text = "550 5.1.1 no such user, ask spamcop";
  EXPECT_EQ(engine.classifier.classify(reply).blocklist, kNoBlocklist);
}

TEST(Classifier, TheSameWhateverTheOrderOfTheRules) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> texts = {
      "550 5.7.1 spam, and dmarc policy failed", "550 5.1.1 no such user (spam filter 7)",   "550 5.7.23 access denied",
      "550 come back (Q3150) betaesque refusal", "451 greylisted, mailbox full, over quota", "550 sorry"};
  const auto providers = two_providers();
  const auto answers = [&](std::vector<RuleSpec> specs) {
    Classifier classifier(compiled(std::move(specs), *providers), providers);
    std::string all;
    for (const std::string& text : texts) {
      ReplyContext reply;
      reply.text = text;
      const Verdict verdict = classifier.classify(reply);
      all.append(verdict.rule).append(" ");
      for (std::size_t i = 0; i < verdict.secondary_count; ++i) all.append(name(verdict.secondary[i])).append(" ");
    }
    return all;
  };
  std::vector<RuleSpec> specs = rules();
  const std::string expected = answers(specs);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(specs.begin(), specs.end(), random);
    ASSERT_EQ(answers(specs), expected);
  }
}

TEST(Classifier, TakesOtherRulesFromTheNextCallOn) {
  Engine engine;
  ReplyContext reply;
  reply.text = "550 no such user";
  EXPECT_EQ(engine.classifier.classify(reply).rule, "text.unknown");
  engine.classifier.set_rules(compiled({rule("other.words", Cause::kPolicy, "no such")}, *engine.providers),
                              engine.providers);
  EXPECT_EQ(engine.classifier.classify(reply).rule, "other.words");
  engine.classifier.set_rules(compiled({}, *engine.providers), engine.providers);
  EXPECT_EQ(engine.classifier.classify(reply).rule, "");
}

}  // namespace
}  // namespace dsnwatch::core
