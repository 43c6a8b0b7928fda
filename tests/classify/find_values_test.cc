#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/classify/extraction.h"
#include "core/classify/normal_reply.h"

namespace dsnwatch::core {
namespace {

struct ValueCase {
  const char* name;
  const char* text;
  const char* value;
};
using Values = testing::TestWithParam<ValueCase>;
const auto by_name = [](const auto& test) { return std::string(test.param.name); };

class OurAddress : public Values {};
TEST_P(OurAddress, IsFound) {
  ReplyNormalizer normalizer;
  EXPECT_EQ(find_ip(normalizer.normalize(GetParam().text, 0), "203.0.113.9"), GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(Texts, OurAddress,
                         testing::ValuesIn(std::vector<ValueCase>{
                             {"in_brackets", "554 Client host [192.0.2.1] blocked", "192.0.2.1"},
                             {"in_a_link", "550 see https://check.example/query/ip/192.0.2.1.", "192.0.2.1"},
                             {"behind_equals", "550 refused IP=192.0.2.1", "192.0.2.1"},
                             {"not_the_remote", "554 203.0.113.9 says that 192.0.2.1 is listed", "192.0.2.1"},
                             {"only_the_remote", "554 203.0.113.9 does not like you", ""},
                             {"not_a_list_answer", "554 listed: 127.0.0.2", ""},
                             {"not_a_private_one", "550 10.1.2.3 refused", ""},
                             {"not_a_reversed_name", "554 1.2.0.192.zen.example.org", ""},
                             {"not_a_host_name", "554 mail-192.0.2.1.example.net refused", ""},
                             {"not_a_version", "421 server 15.20.7025 ready", ""},
                             {"not_five_numbers", "550 1.2.3.4.5", ""},
                             {"octet_too_large", "550 192.0.2.300", ""},
                             {"ipv6_in_brackets", "550 [2001:db8::25] has no PTR record", "2001:db8::25"},
                             {"ipv6_with_colon_behind", "550 2001:db8::25: no PTR record", "2001:db8::25"},
                             {"time_is_no_address", "451 try again at 12:30:45", ""},
                         }),
                         by_name);

class NamedDomain : public Values {};
TEST_P(NamedDomain, IsFound) {
  EXPECT_EQ(find_domain(GetParam().text), GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, NamedDomain,
    testing::ValuesIn(std::vector<ValueCase>{
        {"in_brackets", "the mail from domain [example.com] has no spf record", "example.com"},
        {"domain_of_an_address", "domain of news@example.com does not designate the host", "example.com"},
        {"policy_for", "rejected by dmarc policy for example.com", "example.com"},
        {"sending_domain", "sending domain [mail.example.co.uk] does not pass", "mail.example.co.uk"},
        {"sender_address", "<news@example.com>: sender address rejected: domain not found", "example.com"},
        {"end_of_a_sentence", "we do not accept the domain example.com.", "example.com"},
        {"no_domain", "the domain is not accepted", ""},
        {"an_address_is_none", "domain 192.0.2.1 refused", ""},
        {"nothing", "", ""},
    }),
    by_name);

struct WaitCase {
  const char* name;
  const char* text;
  std::int32_t seconds;
};
class Wait : public testing::TestWithParam<WaitCase> {};
TEST_P(Wait, IsFound) {
  EXPECT_EQ(find_wait(GetParam().text), GetParam().seconds);
}
INSTANTIATE_TEST_SUITE_P(Texts, Wait,
                         testing::ValuesIn(std::vector<WaitCase>{
                             {"seconds", "greylisted, try again in 300 seconds", 300},
                             {"minutes", "greylisted for 5 minutes", 300},
                             {"one_hour", "please retry in 1 hour", 3600},
                             {"short_unit", "retry after 90s", 90},
                             {"clock", "try again in 00:05:00", 300},
                             {"at_least", "wait at least 10 minutes before the next try", 600},
                             {"day", "try again in 2 days", 172800},
                             {"a_limit_is_no_wait", "100 messages per 60 minutes exceeded, retry", -1},
                             {"no_unit", "try again in 300", -1},
                             {"too_long", "try again in 900 days", -1},
                             {"huge", "try again in 99999999999999999999 seconds", -1},
                             {"no_number", "try again later", -1},
                             {"nothing", "", -1},
                         }),
                         by_name);

}  // namespace
}  // namespace dsnwatch::core
