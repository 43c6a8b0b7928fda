#include "core/classify/quoted_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dsnwatch::core {
namespace {

struct QuoteCase {
  const char* name;
  const char* text;
  const char* quoted;  // nullptr: nothing is quoted
  const char* host;
  Stage stage;
};

class QuotedReplyIn : public testing::TestWithParam<QuoteCase> {};

TEST_P(QuotedReplyIn, Text) {
  const auto found = find_quoted_reply(GetParam().text);
  ASSERT_EQ(found.has_value(), GetParam().quoted != nullptr);
  if (!found) return;
  EXPECT_EQ(found->text, GetParam().quoted);
  EXPECT_EQ(found->host, GetParam().host);
  EXPECT_EQ(found->stage, GetParam().stage);
}

INSTANTIATE_TEST_SUITE_P(
    Wrappers, QuotedReplyIn,
    testing::ValuesIn(std::vector<QuoteCase>{
        {"plain_reply", "550 5.1.1 User unknown", nullptr, "", Stage::kUnknown},
        {"postfix", "host mx.example.org[192.0.2.1] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)",
         "552 5.2.2 Mailbox full ", "mx.example.org", Stage::kRcpt},
        {"postfix_end_of_data", "host mx.example.org[192.0.2.1] said: 550 Spam (in reply to end of DATA command)",
         "550 Spam ", "mx.example.org", Stage::kEod},
        {"postfix_banner", "host mx.example.org[192.0.2.1] refused to talk to me: 421 Too busy", "421 Too busy",
         "mx.example.org", Stage::kConnect},
        {"suspended", "delivery temporarily suspended: lost connection with mx.example.org[192.0.2.1]",
         "lost connection with mx.example.org[192.0.2.1]", "", Stage::kUnknown},
        {"verification",
         "550 5.1.1 <u@example.org>: Recipient address rejected: undeliverable address: host mx.example.org said: 552 "
         "5.2.2 Over quota",
         "552 5.2.2 Over quota", "mx.example.org", Stage::kUnknown},
        {"exim", "SMTP error from remote mail server after RCPT TO:<u@example.org>: 550 No such user",
         "550 No such user", "", Stage::kRcpt},
        {"exim_banner", "SMTP error from remote mail server after initial connection: 554 Go away", "554 Go away", "",
         Stage::kConnect},
        {"exim_callout", "550-Callout verification failed: 550-550 5.1.1 Unknown user", "550-550 5.1.1 Unknown user",
         "", Stage::kUnknown},
        {"sendmail", "554 5.0.0 Service unavailable; <<< 550 5.7.1 Refused", "550 5.7.1 Refused", "", Stage::kUnknown},
        {"exchange", "550 5.0.350 Remote server returned an error -> 550 5.7.1 Denied", "550 5.7.1 Denied", "",
         Stage::kUnknown},
        {"google_notice", "The response was: 550 5.1.1 Gone", "550 5.1.1 Gone", "", Stage::kUnknown},
        {"barracuda", "550 permanent failure for one or more recipients (u@example.org:550 5.1.1 Unknown)",
         "550 5.1.1 Unknown)", "", Stage::kUnknown},
        {"barracuda_without_reply", "550 permanent failure for one or more recipients (u@example.org:blocked)", nullptr,
         "", Stage::kUnknown},
        {"said_without_code", "The postmaster said: call me", nullptr, "", Stage::kUnknown},
        {"type_of_a_diagnostic_code", "smtp; 550 Refused", nullptr, "", Stage::kUnknown},
        {"mark_at_the_end", "550 the response was:", nullptr, "", Stage::kUnknown},
        {"empty", "", nullptr, "", Stage::kUnknown},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(QuotedReply, EveryAnswerIsShorter) {
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "550 host a.example said: ";
  std::string_view text = nested;
  int depth = 0;
  while (const auto found = find_quoted_reply(text)) {
    ASSERT_LT(found->text.size(), text.size());
    text = found->text;
    ASSERT_LT(++depth, 200);
  }
}

}  // namespace
}  // namespace dsnwatch::core
