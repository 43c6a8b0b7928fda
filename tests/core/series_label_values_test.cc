#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/series/label_values.h"
#include "core/series/series_key.h"

namespace dsnwatch::core {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string expected;  // Empty: not usable.
};

using Normalise = bool (*)(std::string_view, std::string&);

void expect_all(Normalise normalise, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    std::string out;
    const bool usable = normalise(one.text, out);
    EXPECT_EQ(usable, !one.expected.empty());
    if (usable) {
      EXPECT_EQ(out, one.expected);
    }
  }
}

TEST(LabelValues, Domains) {
  const std::string label63(63, 'a');
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
  expect_all(normalise_domain, {{"plain", "example.com", "example.com"},
                                {"upper_case", "MAIL.Example.COM", "mail.example.com"},
                                {"final_dot", "example.com.", "example.com"},
                                {"two_final_dots", "example.com..", ""},
                                {"only_a_dot", ".", ""},
                                {"single_label", "localhost", "localhost"},
                                {"underscore", "_dmarc.example.com", "_dmarc.example.com"},
                                {"a_label", "XN--Bcher-KVA.example", "xn--bcher-kva.example"},
                                {"umlaut",
                                 "b\xc3\xbc"
                                 "cher.example",
                                 "xn--bcher-kva.example"},
                                {"umlaut_upper_case",
                                 "B\xc3\x9c"
                                 "CHER.example",
                                 "xn--bcher-kva.example"},
                                {"ideographic_dots",
                                 "b\xc3\xbc"
                                 "cher\xe3\x80\x82"
                                 "example\xe3\x80\x82",
                                 "xn--bcher-kva.example"},
                                {"longest", longest, longest},
                                {"too_long", longest + "b", ""},
                                {"label_too_long", std::string(64, 'a') + ".example", ""},
                                {"far_too_long", std::string(100'000, 'a'), ""},
                                {"far_too_long_utf8", std::string(100'000, '\xc3'), ""},
                                {"empty", "", ""},
                                {"empty_label", "a..example", ""},
                                {"leading_dot", ".example", ""},
                                {"leading_hyphen", "-a.example", ""},
                                {"trailing_hyphen", "a-.example", ""},
                                {"space", "exa mple.com", ""},
                                {"quote", "exa\"mple.com", ""},
                                {"line_feed", "example.com\n", ""},
                                {"nul", std::string("exam\0ple.com", 12), ""},
                                {"nul_in_utf8", std::string("b\xc3\xbc\0.example", 12), ""},
                                {"invalid_utf8",
                                 "b\xfc"
                                 "cher.example",
                                 ""},
                                {"bare_ip", "192.0.2.1", ""},
                                {"numeric_last_label", "example.123", ""},
                                {"literal", "[192.0.2.1]", "[192.0.2.1]"},
                                {"literal_ipv6", "[IPv6:2001:DB8:0:0::1]", "[IPv6:2001:db8::1]"},
                                {"literal_ipv6_without_tag", "[2001:db8::1]", "[IPv6:2001:db8::1]"},
                                {"literal_of_a_name", "[example.com]", ""},
                                {"literal_empty", "[]", ""},
                                {"literal_open", "[192.0.2.1", ""}});
}

TEST(LabelValues, AddressDomains) {
  expect_all(normalise_address_domain, {{"plain", "user@example.com", "example.com"},
                                        {"quoted_local_part", "\"a@b\"@example.com", "example.com"},
                                        {"no_domain", "root", ""},
                                        {"empty_domain", "user@", ""}});
}

TEST(LabelValues, Addresses) {
  expect_all(normalise_ip, {{"ipv4", "192.0.2.1", "192.0.2.1"},
                            {"ipv6", "2001:0DB8:0000::0001", "2001:db8::1"},
                            {"longest_run_of_zeros", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                            {"mapped", "::ffff:192.0.2.1", "192.0.2.1"},
                            {"mapped_in_hex", "::FFFF:c000:0201", "192.0.2.1"},
                            {"leading_zero", "192.0.2.01", ""},
                            {"zone", "fe80::1%eth0", ""},
                            {"brackets", "[192.0.2.1]", ""},
                            {"port", "192.0.2.1:25", ""},
                            {"name", "unknown", ""},
                            {"empty", "", ""},
                            {"long", std::string(1000, '1'), ""},
                            {"nul", std::string("192.0.2.1\0", 10), ""}});
}

TEST(LabelValues, ClientAddresses) {
  expect_all(normalise_client_ip, {{"ipv4", "192.0.2.1", "192.0.2.1"},
                                   {"ipv6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
                                   {"mapped", "::ffff:192.0.2.1", "192.0.2.1"},
                                   {"none", "unknown", ""}});
}

TEST(LabelValues, Streams) {
  expect_all(normalise_stream, {{"plain", "tenant-7 (EU)", "tenant-7 (EU)"},
                                {"utf8", "k\xc3\xb6ln", "k\xc3\xb6ln"},
                                {"four_bytes", "\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7"},
                                {"invalid", "k\xf6ln", ""},
                                {"cut", "k\xc3", ""},
                                {"overlong", "\xc0\xaf", ""},
                                {"overlong_three", "\xe0\x80\xaf", ""},
                                {"surrogate", "\xed\xa0\x80", ""},
                                {"beyond_unicode", "\xf4\x90\x80\x80", ""},
                                {"line_feed", "a\nb", ""},
                                {"c1_control", "a\xc2\x85", ""},
                                {"longest", std::string(128, 'x'), std::string(128, 'x')},
                                {"too_long", std::string(129, 'x'), ""},
                                {"empty", "", ""}});
}

TEST(LabelValues, PublicAddresses) {
  for (const char* ip : {"192.0.2.1", "8.8.8.8", "198.51.100.7", "2001:db8::1", "172.32.0.1", "100.128.0.1"}) {
    EXPECT_TRUE(is_public(*parse_ip(ip))) << ip;
  }
  for (const char* ip :
       {"10.1.2.3", "127.0.0.1", "192.168.1.1", "172.16.0.1", "172.31.255.255", "169.254.1.1", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(is_public(*parse_ip(ip))) << ip;
  }
}

TEST(LabelValues, Status) {
  EXPECT_EQ(status_label({5, 7, 1}, 550, AttemptResult::kBounced), 5'007'001u);
  EXPECT_EQ(status_label({5, 0, 0}, 550, AttemptResult::kBounced), 5'000'000u);
  EXPECT_EQ(status_label({5, 900, 900}, 550, AttemptResult::kBounced), SeriesKey::kOtherPermanent);
  EXPECT_EQ(status_label({4, 900, 900}, 550, AttemptResult::kBounced), SeriesKey::kOtherTransient);
  EXPECT_EQ(status_label({}, 451, AttemptResult::kBounced), 4'000'000u) << "from the reply code";
  EXPECT_EQ(status_label({}, 0, AttemptResult::kDeferred), 4'000'000u) << "from the result";
  EXPECT_EQ(status_label({}, 0, AttemptResult::kRejected), 5'000'000u);
  EXPECT_EQ(status_label({2, 0, 0}, 250, AttemptResult::kBounced), 5'000'000u) << "no rejection has a 2.x.x";
}

TEST(LabelValues, Escaping) {
  std::string out = "x";
  append_escaped(out, "a\\b\"c\nd");
  EXPECT_EQ(out, "xa\\\\b\\\"c\\nd");
}

// Whatever bytes come, a usable domain is one: lower-case LDH, and normal already.
TEST(LabelValues, RandomBytesNeverBecomeAStrangeDomain) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kPieces[] = {
      "a", "B", "-", ".", "_", "1", "\xc3\xbc", "\xe3\x80\x82", "\xff", "[", "]", "xn--", "\xe2\x80\x8d", "\xc3\x9f"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto length = random() % 12; length > 0; --length) text += kPieces[random() % std::size(kPieces)];
    std::string once, twice;
    if (!normalise_domain(text, once)) continue;
    ASSERT_EQ(once.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.[]"), std::string::npos) << once;
    ASSERT_TRUE(normalise_domain(once, twice)) << once;
    ASSERT_EQ(once, twice);
  }
}

}  // namespace
}  // namespace dsnwatch::core
