#include <gtest/gtest.h>

#include <random>
#include <string>

#include "daemon/report/mask_reply.h"
#include "daemon/report/printable.h"

namespace dsnwatch::daemon {
namespace {

std::string masked(std::string_view reply) {
  std::string out;
  mask_reply(reply, {"jane.doe@example.net", "promo@shop.example"}, out);
  return out;
}

struct Case {
  const char* name;
  std::string_view reply, masked;
};

const Case kCases[] = {
    {"Codes", "550-5.7.26 Not authenticated. 550 5.7.1 policy", "550-5.7.26 Not authenticated. 550 5.7.1 policy"},
    {"Address", "550 5.1.1 <Jane.Doe@Example.Net>: Recipient address rejected",
     "550 5.1.1 <address>: Recipient address rejected"},
    {"BareAddress", "no mailbox jane.doe@example.net here.", "no mailbox <address> here."},
    {"LocalPart", "550 User Jane.Doe unknown; sender PROMO refused", "550 User <name> unknown; sender <name> refused"},
    {"Ip", "554 Client host [192.0.2.7] blocked, ip=2001:db8::1 192.0.2.1/24",
     "554 Client host [<ip>] blocked, ip=<ip> <ip>/24"},
    {"Host", "refused: mx1.example.org[192.0.2.7]:25, see example.com.", "refused: <host>[<ip>]:25, see <host>."},
    {"BlockList", "blocked using zen.spamhaus.org; k3y.dnsbl-1.uceprotect.net; notzen.spamhaus.org.example.com",
     "blocked using zen.spamhaus.org; <host>.dnsbl-1.uceprotect.net; <host>"},
    {"AngleWord", "504 5.5.2 <WIN-ABC>: Helo command rejected", "504 5.5.2 <name>: Helo command rejected"},
    {"Ids", "try later d75a77b69052e-4b0a si12345678wrd.123 - gsmtp", "try later <id> <id> - gsmtp"},
    {"LongNumbers", "size 35882577 exceeds 100 in 300 seconds", "size <n> exceeds 100 in 300 seconds"},
    {"VendorCodes", "part of their network is on our block list (S3150) [TSS04] AS(1430)",
     "part of their network is on our block list (S3150) [TSS04] AS(<n>)"},
    {"HelpPage", "see https://support.google.com/mail/answer/81126#authentication now",
     "see https://support.google.com/mail/answer/81126#authentication now"},
    {"LinkWithIp", "https://www.spamhaus.org/query/ip/198.18.3.7", "https://www.spamhaus.org/query/ip/<ip>"},
    {"LinkWithQuery", "http://www.example.org/reputation/?pr=1&ip=198.18.3.9&who=jane%40example.net",
     "http://www.example.org/reputation/?pr=1&ip=<ip>&who=<id>"},
    {"LinkOfAnIp", "http://192.0.2.1/x", "http://<host>/x"},
    {"White", "  a\t\tb\r\n c ", "a b c"},
    {"Control", std::string_view("a \x1b[31mred\x07 \xff\xc2\x9b\xc3\xa9", 18), "a [31mred ???\xc3\xa9"},
    {"Times", "450 come back in 00:05:00 or at 5:30, not [2001:db8::1] or 1:2:3:4",
     "450 come back in <time> or at <time>, not [<ip>] or <ip>"},
    {"NoTime", "ratio 12:3, code 1:234", "ratio 12:3, code 1:234"},
    {"Empty", "", ""},
};

class MaskReply : public ::testing::TestWithParam<Case> {};

TEST_P(MaskReply, NamesNobody) {
  EXPECT_EQ(masked(GetParam().reply), GetParam().masked);
}
INSTANTIATE_TEST_SUITE_P(Replies, MaskReply, ::testing::ValuesIn(kCases),
                         [](const auto& tried) { return tried.param.name; });

TEST(MaskReplyBounds, LongRepliesAreCutAtACharacter) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xc3\xa9t\xc3\xa9 ";
  const std::string out = masked(text);
  EXPECT_LE(out.size(), kMaskedSize);
  EXPECT_TRUE(out.ends_with("..."));
  std::string again = out;
  make_printable(again);
  EXPECT_EQ(again, out);
}

TEST(MaskReplyBounds, AnyBytesGivePrintableText) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kBytes = "a5<>@./:=#?&-[]% \xc3\xa9\xff\x01\n";
  for (int round = 0; round < 2000; ++round) {
    std::string reply;
    for (std::size_t size = random() % 200; size > 0; --size) reply += kBytes[random() % kBytes.size()];
    std::string out = masked(reply);
    EXPECT_LE(out.size(), kMaskedSize);
    std::string again = out;
    make_printable(again);
    ASSERT_EQ(again, out);
  }
}

TEST(MaskReplyBounds, ManySplitsAreNoProblem) {
  EXPECT_LE(masked(std::string(1u << 20, '=')).size(), kMaskedSize);
  std::string splits;
  for (int i = 0; i < 1000; ++i) splits += "a=";
  EXPECT_LE(masked(splits).size(), kMaskedSize);
}

}  // namespace
}  // namespace dsnwatch::daemon
