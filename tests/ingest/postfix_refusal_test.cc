// Refusals of our own server: smtpd, postscreen, cleanup, milters, proxies.

#include <gtest/gtest.h>

#include "tests/ingest/collected_records.h"

namespace dsnwatch::ingest {
namespace {

struct RefusalCase {
  const char* name;
  const char* message;
  const char* expected;  ///< Empty: nothing; "malformed".
};

std::string read_refusal(std::string_view message) {
  const auto format = postfix_format();
  CollectedRecords records;
  format->parse("Nov 23 21:53:07 mx1 postfix/smtpd[1]: " + std::string(message), records);
  if (format->counts().unparsed[0] != 0) return "malformed";
  return records.lines.empty() ? "" : records.lines[0];
}

class Refusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(Refusal, Fields) {
  EXPECT_EQ(read_refusal(GetParam().message), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Refusal,
    testing::Values(
        RefusalCase{
            "rcpt",
            "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 550 5.1.1 <b@y.test>: no; from=<a@x.test> "
            "to=<b@y.test> proto=ESMTP helo=<h>",
            "inbound rejected s=<a@x.test> r=b@y.test c=192.0.2.1 at=rcpt 550 d=5.1.1 |=550 5.1.1 <b@y.test>: no"},
        RefusalCase{"transient",
                    "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 450 4.7.1 later; from=<> to=<b@y.test> proto=ESMTP "
                    "helo=<h>",
                    "inbound deferred s=<> r=b@y.test c=192.0.2.1 at=rcpt 450 d=4.7.1 |=450 4.7.1 later"},
        RefusalCase{"with_queue_id",
                    "00ADB3C0899: reject: BDAT from h.test[192.0.2.1]: 550 5.5.3 no; from=<> to=<b@y.test> proto=ESMTP "
                    "helo=<h>",
                    "inbound rejected q=00ADB3C0899 s=<> r=b@y.test c=192.0.2.1 at=data 550 d=5.5.3 |=550 5.5.3 no"},
        RefusalCase{"helo_has_no_addresses",
                    "NOQUEUE: reject: EHLO from h.test[192.0.2.1]: 504 5.5.2 <User>: no; proto=SMTP helo=<User>",
                    "inbound rejected c=192.0.2.1 at=helo 504 d=5.5.2 |=504 5.5.2 <User>: no"},
        RefusalCase{"connect", "NOQUEUE: reject: CONNECT from unknown[192.0.2.1]: 554 5.7.1 no; proto=SMTP",
                    "inbound rejected c=192.0.2.1 at=connect 554 d=5.7.1 |=554 5.7.1 no"},
        RefusalCase{
            "mail_has_no_recipient",
            "NOQUEUE: reject: MAIL from h.test[192.0.2.1]: 552 5.3.4 large; from=<a@x.test> proto=ESMTP helo=<h>",
            "inbound rejected s=<a@x.test> c=192.0.2.1 at=mail 552 d=5.3.4 |=552 5.3.4 large"},
        RefusalCase{"semicolon_in_text",
                    "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 554 5.7.1 Client host blocked using z.test; "
                    "https://z.test/q; from=<a@x.test> to=<b@y.test> proto=ESMTP helo=<h>",
                    "inbound rejected s=<a@x.test> r=b@y.test c=192.0.2.1 at=rcpt 554 d=5.7.1 |=554 5.7.1 Client host "
                    "blocked using z.test; https://z.test/q"},
        RefusalCase{"client_port",
                    "NOQUEUE: reject: RCPT from h.test[192.0.2.1]:4711: 550 5.7.1 no; from=<a@x.test> to=<b@y.test> "
                    "proto=ESMTP helo=<h>",
                    "inbound rejected s=<a@x.test> r=b@y.test c=192.0.2.1 at=rcpt 550 d=5.7.1 |=550 5.7.1 no"},
        RefusalCase{"user_name",
                    "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 553 5.7.1 no; from=<a@x.test> to=<b@y.test> "
                    "proto=ESMTP helo=<h> sasl_username=<u>",
                    "inbound rejected s=<a@x.test> r=b@y.test c=192.0.2.1 at=rcpt 553 d=5.7.1 |=553 5.7.1 no"},
        RefusalCase{
            "helo_without_brackets",
            "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 450 4.7.1 no; from=<> to=<b@y.test> proto=ESMTP helo=",
            "inbound deferred s=<> r=b@y.test c=192.0.2.1 at=rcpt 450 d=4.7.1 |=450 4.7.1 no"},
        RefusalCase{"cut", "NOQUEUE: reject: VRFY from h.test[192.0.2.1]: 550 5.1.1 : User unknown in tab",
                    "inbound rejected c=192.0.2.1 550 d=5.1.1 |=550 5.1.1 : User unknown in tab"},
        RefusalCase{"postscreen",
                    "NOQUEUE: reject: RCPT from [2001:db8::1]:4711: 550 5.7.1 no; from=<a@x.test>, to=<b@y.test>, "
                    "proto=ESMTP, helo=<h>",
                    "inbound rejected s=<a@x.test> r=b@y.test c=2001:db8::1 at=rcpt 550 d=5.7.1 |=550 5.7.1 no"},
        RefusalCase{"postscreen_full", "NOQUEUE: reject: CONNECT from [192.0.2.1]:4711: too many connections",
                    "inbound rejected c=192.0.2.1 at=connect |=too many connections"},
        RefusalCase{"milter",
                    "NOQUEUE: milter-reject: RCPT from h.test[192.0.2.1]: 451 4.7.1 later; from=<a@x.test> "
                    "to=<b@y.test> proto=ESMTP helo=<h>",
                    "inbound deferred s=<a@x.test> r=b@y.test c=192.0.2.1 at=rcpt 451 d=4.7.1 |=451 4.7.1 later"},
        RefusalCase{"milter_at_the_end_has_no_code",
                    "4jYLfn254yz1gh2b: milter-reject: END-OF-MESSAGE from h.test[192.0.2.1]: 5.7.1 Spam??554 5.7.1 "
                    "score; from=<a@x.test> to=<b@y.test> proto=ESMTP helo=<h>",
                    "inbound rejected q=4jYLfn254yz1gh2b s=<a@x.test> r=b@y.test c=192.0.2.1 at=eod d=5.7.1 |=5.7.1 "
                    "Spam??554 5.7.1 score"},
        RefusalCase{"milter_transient_without_code",
                    "3C1A2AF8044: milter-reject: END-OF-MESSAGE from h.test[192.0.2.1]: 4.7.1 later; from=<a@x.test> "
                    "to=<b@y.test> proto=ESMTP helo=<h>",
                    "inbound deferred q=3C1A2AF8044 s=<a@x.test> r=b@y.test c=192.0.2.1 at=eod d=4.7.1 |=4.7.1 later"},
        RefusalCase{
            "header",
            "3C1A2AF8044: reject: header Subject: x; y from h.test[192.0.2.1]; from=<a@x.test> to=<b@y.test> "
            "proto=ESMTP helo=<h>: 5.7.1 not wanted",
            "inbound rejected q=3C1A2AF8044 s=<a@x.test> r=b@y.test c=192.0.2.1 at=eod d=5.7.1 |=5.7.1 not wanted"},
        RefusalCase{"body_of_local_mail",
                    "3C1A2AF8044: reject: body x from local; from=<a@x.test> to=<b@y.test>: 5.7.1 not wanted",
                    "inbound rejected q=3C1A2AF8044 s=<a@x.test> r=b@y.test at=eod d=5.7.1 |=5.7.1 not wanted"},
        RefusalCase{"proxy",
                    "proxy-reject: END-OF-MESSAGE: 554 5.7.0 no; from=<> to=<b@y.test> proto=SMTP helo=<192.0.2.1>",
                    "inbound rejected s=<> r=b@y.test at=eod 554 d=5.7.0 |=554 5.7.0 no"},
        RefusalCase{"proxy_without_text",
                    "proxy-reject: END-OF-MESSAGE: ; from=<a@x.test> to=<b@y.test> proto=ESMTP helo=<h>",
                    "inbound rejected s=<a@x.test> r=b@y.test at=eod"}),
    [](const auto& tested) { return tested.param.name; });

TEST(RefusalOthers, RefuseNobody) {
  for (const char* message :
       {"NOQUEUE: reject_warning: RCPT from h.test[192.0.2.1]: 553 5.7.1 no; from=<> to=<b@y.test> proto=SMTP helo=<h>",
        "NOQUEUE: warn: RCPT from h.test[192.0.2.1]: odd; from=<> to=<b@y.test> proto=SMTP helo=<h>",
        "NOQUEUE: discard: MAIL from h.test[192.0.2.1]: SPAM; from=<a@x.test> proto=ESMTP helo=<h>",
        "3C1A2AF8044: hold: header Subject: x from h.test[192.0.2.1]; from=<> to=<b@y.test> proto=SMTP helo=<h>: "
        "review",
        "3C1A2AF8044: milter-hold: END-OF-MESSAGE from h.test[192.0.2.1]: held; from=<> to=<b@y.test> proto=SMTP "
        "helo=<h>",
        "3C1A2AF8044: redirect: header Subject: x from h.test[192.0.2.1]; from=<> to=<b@y.test>: c@y.test",
        "proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10013): 250 ok; from=<> to=<b@y.test>",
        "PREGREET 19 after 0 from [192.0.2.1]:51355: EHLO spammer.test\\r\\n"})
    EXPECT_EQ(read_refusal(message), "") << message;
}

TEST(RefusalMalformed, IsCounted) {
  for (const char* message : {"NOQUEUE: reject: RCPT from h.te", "NOQUEUE: reject: ", "NOQUEUE: milter-reject: RCPT",
                              "3C1A2AF8044: reject: header Subject: x", "proxy-reject: END-OF-MESSAGE"})
    EXPECT_EQ(read_refusal(message), "malformed") << message;
}

TEST(RefusalForged, AttributesInAHeloAreNotBelievedAndTheClientIsTheRealOne) {
  const std::string found = read_refusal(
      "NOQUEUE: reject: RCPT from h.test[192.0.2.1]: 554 5.7.1 no; from=<a@x.test> to=<b@y.test> proto=ESMTP helo=<x "
      "y; "
      "z>");
  EXPECT_NE(found.find("c=192.0.2.1"), std::string::npos) << found;
  EXPECT_TRUE(found.ends_with("|=554 5.7.1 no")) << found;
}

TEST(RefusalForged, AClientWrittenIntoASubjectIsNotBelieved) {
  const std::string found = read_refusal(
      "3C1A2AF8044: reject: header Subject: x from y.test[198.51.100.1]; from=<c@z.test> to=<d@z.test> proto=ESMTP "
      "helo=<z> from h.test[192.0.2.1]; from=<a@x.test> to=<b@y.test> proto=ESMTP helo=<h>: 5.7.1 not wanted");
  EXPECT_EQ(found.find("198.51.100.1"), std::string::npos) << found;
  EXPECT_TRUE(found.ends_with("|=5.7.1 not wanted")) << found;
}

}  // namespace
}  // namespace dsnwatch::ingest
