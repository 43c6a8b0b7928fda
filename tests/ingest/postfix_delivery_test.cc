// Delivery lines of Postfix, one by one: every agent, every form of reason, and every way in which the words of a
// stranger look like fields of the log.

#include <gtest/gtest.h>

#include "tests/ingest/collected_records.h"

namespace dsnwatch::ingest {
namespace {

struct DeliveryCase {
  const char* name;
  const char* message;   ///< Behind "QID: ".
  const char* expected;  ///< Empty: nothing; "malformed".
};

std::string read_delivery(std::string_view message) {
  const auto format = postfix_format();
  CollectedRecords records;
  const std::string line = "Nov 23 21:53:07 mx1 postfix/smtp[1]: 3C1A2AF8044: " + std::string(message) + "\n";
  format->parse(line, records);
  if (format->counts().unparsed[0] != 0) return records.lines.empty() ? "malformed" : "malformed and read";
  if (records.lines.size() > 1) return "several";
  return records.lines.empty() ? "" : records.lines[0];
}

class Delivery : public testing::TestWithParam<DeliveryCase> {};

TEST_P(Delivery, IsReadFromLeftToRight) {
  EXPECT_EQ(read_delivery(GetParam().message), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Agents, Delivery,
    testing::Values(
        DeliveryCase{"smtp_sent",
                     "to=<a@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=0.07, delays=0/0.01/0.03/0.03, dsn=2.1.5, "
                     "status=sent (250 2.1.5 Ok)",
                     "outbound delivered q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1 at=eod 250 d=2.1.5 "
                     "delay=0.07 remote |=250 2.1.5 Ok"},
        DeliveryCase{"orig_to_and_connection_reused",
                     "to=<a@x.test>, orig_to=<b@y.test>, relay=mx.x.test[192.0.2.1]:25, conn_use=12, delay=2017, "
                     "delays=1/2/3/4, tls=dane/!requiretls:nocertmatch, dsn=2.0.0, status=sent (250 ok)",
                     "outbound delivered q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1 at=eod 250 d=2.0.0 "
                     "delay=2017 remote |=250 ok"},
        DeliveryCase{"ipv6",
                     "to=<a@x.test>, relay=mx.x.test[2001:db8::25]:25, delay=1, delays=1/0/0/0, dsn=5.1.1, "
                     "status=bounced (host mx.x.test[2001:db8::25] said: 550 5.1.1 no (in reply to RCPT TO command))",
                     "outbound bounced q=3C1A2AF8044 r=a@x.test h=mx.x.test i=2001:db8::25 at=rcpt 550 d=5.1.1 "
                     "delay=1 remote |=550 5.1.1 no"},
        DeliveryCase{
            "local",
            "to=<root@x.test>, orig_to=<root>, relay=local, delay=0.02, delays=0/0/0/0, dsn=2.0.0, status=sent "
            "(delivered to mailbox)",
            "outbound delivered q=3C1A2AF8044 r=root@x.test d=2.0.0 delay=0.02 local |=delivered to mailbox"},
        DeliveryCase{"forwarded",
                     "to=<f@x.test>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (forwarded as "
                     "26B15AF8047)",
                     "outbound delivered q=3C1A2AF8044 r=f@x.test d=2.0.0 delay=0 local |=forwarded as 26B15AF8047"},
        DeliveryCase{"pipe_of_any_name",
                     "to=<a@x.test>, relay=maildrop, delay=0, delays=0/0/0/0, dsn=4.3.0, status=deferred (temporary "
                     "failure. Command output: busy )",
                     "outbound deferred q=3C1A2AF8044 r=a@x.test d=4.3.0 delay=0 local |=temporary failure. Command "
                     "output: busy "},
        DeliveryCase{"lmtp_socket",
                     "to=<a@x.test>, relay=mx1.x.test[private/dovecot-lmtp], delay=0, delays=0/0/0/0, dsn=5.2.2, "
                     "status=bounced (host mx1.x.test[private/dovecot-lmtp] said: 552 5.2.2 full (in reply to end of "
                     "DATA command))",
                     "outbound bounced q=3C1A2AF8044 r=a@x.test h=mx1.x.test at=eod 552 d=5.2.2 delay=0 remote local "
                     "|=552 5.2.2 full"},
        DeliveryCase{"discarded_is_not_delivered",
                     "to=<a@x.test>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (test sink)", ""},
        DeliveryCase{"soft_bounce_stays_in_the_queue",
                     "to=<a@x.test>, relay=local, delay=0, delays=0/0/0/0, dsn=4.1.1, status=SOFTBOUNCE (unknown user: "
                     "\"a\")",
                     "outbound deferred q=3C1A2AF8044 r=a@x.test d=4.1.1 delay=0 local |=unknown user: \"a\""},
        DeliveryCase{"probe_undeliverable",
                     "to=<a@x.test>, relay=none, delay=0, delays=0/0/0/0, dsn=5.1.1, "
                     "status=undeliverable-but-not-cached (User unknown)",
                     ""},
        DeliveryCase{"probe_deliverable",
                     "to=<a@x.test>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=deliverable (delivers)",
                     ""},
        DeliveryCase{"old_postfix", "to=a@x.test, orig_to=b, relay=mx.x.test[192.0.2.1], delay=1, status=sent (250 ok)",
                     "outbound delivered q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1 at=eod 250 delay=1 remote "
                     "|=250 ok"}),
    [](const auto& tested) { return tested.param.name; });

constexpr char kRelay[] = "outbound deferred q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1";

struct ReasonCase {
  const char* name;
  const char* reason;    ///< Of a deferral by mx.x.test[192.0.2.1].
  const char* expected;  ///< Behind the relay.
};

class Reason : public testing::TestWithParam<ReasonCase> {};

TEST_P(Reason, WithARelay) {
  const std::string head = "to=<a@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.0.0, ";
  std::string found = read_delivery(head + "status=deferred (" + GetParam().reason + ")");
  ASSERT_TRUE(found.starts_with(kRelay)) << found;
  found.erase(0, sizeof kRelay - 1);
  EXPECT_EQ(found, GetParam().expected);
}

TEST_P(Reason, TheOtherSideComesFromTheReasonWhereNoRelayIsNamed) {
  std::string_view reason = GetParam().reason;
  if (reason.find("mx.x.test[192.0.2.1]") == std::string_view::npos) return;
  const std::string found = read_delivery(
      "to=<a@x.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.0.0, status=deferred (" + std::string(reason) + ")");
  EXPECT_TRUE(found.starts_with(kRelay)) << found;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Reason,
    testing::Values(
        ReasonCase{"said", "host mx.x.test[192.0.2.1] said: 451 4.7.1 later (in reply to MAIL FROM command)",
                   " at=mail 451 d=4.0.0 delay=1 remote |=451 4.7.1 later"},
        ReasonCase{"said_only_a_code", "host mx.x.test[192.0.2.1] said: 450 (in reply to DATA command)",
                   " at=data 450 d=4.0.0 delay=1 remote |=450"},
        ReasonCase{"said_without_a_code", "host mx.x.test[192.0.2.1] said: 550?5.2.1?no (in reply to RCPT TO command)",
                   " at=rcpt d=4.0.0 delay=1 remote |=550?5.2.1?no"},
        ReasonCase{
            "only_the_last_clause_is_ours",
            "host mx.x.test[192.0.2.1] said: 450 no (in reply to MAIL FROM command) (in reply to RCPT TO command)",
            " at=rcpt 450 d=4.0.0 delay=1 remote |=450 no (in reply to MAIL FROM command)"},
        ReasonCase{"unbalanced", "host mx.x.test[192.0.2.1] said: 450 ((see [policy) (in reply to end of DATA command)",
                   " at=eod 450 d=4.0.0 delay=1 remote |=450 ((see [policy)"},
        ReasonCase{"looks_like_fields",
                   "host mx.x.test[192.0.2.1] said: 450 to=<b@y.test>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, "
                   "status=sent (250 ok) (in reply to RCPT TO command)",
                   " at=rcpt 450 d=4.0.0 delay=1 remote |=450 to=<b@y.test>, relay=none, delay=0, delays=0/0/0/0, "
                   "dsn=2.0.0, status=sent (250 ok)"},
        ReasonCase{"refused", "host mx.x.test[192.0.2.1] refused to talk to me: 554-go 554 away",
                   " at=connect 554 d=4.0.0 delay=1 remote |=554-go 554 away"},
        ReasonCase{"protocol_error",
                   "Protocol error: host mx.x.test[192.0.2.1] said: 999 what (in reply to EHLO command)",
                   " at=helo d=4.0.0 delay=1 remote |=999 what"},
        ReasonCase{"said_at_starttls", "host mx.x.test[192.0.2.1] said: 454 no TLS (in reply to STARTTLS command)",
                   " 454 d=4.0.0 delay=1 remote |=454 no TLS"},
        ReasonCase{"lost",
                   "lost connection with mx.x.test[192.0.2.1] while sending end of data -- message may be sent "
                   "more than once",
                   " at=eod d=4.0.0 delay=1 |=lost connection with mx.x.test[192.0.2.1] while sending end of data -- "
                   "message may be sent more than once"},
        ReasonCase{"timed_out",
                   "conversation with mx.x.test[192.0.2.1] timed out while receiving the initial server greeting",
                   " at=connect d=4.0.0 delay=1 |=conversation with mx.x.test[192.0.2.1] timed out while receiving the "
                   "initial server greeting"},
        ReasonCase{"not_connected", "connect to mx.x.test[192.0.2.1]:25: Connection refused",
                   " at=connect d=4.0.0 delay=1 |=connect to mx.x.test[192.0.2.1]:25: Connection refused"},
        ReasonCase{"tls_required", "TLS is required, but was not offered by host mx.x.test[192.0.2.1]",
                   " d=4.0.0 delay=1 |=TLS is required, but was not offered by host mx.x.test[192.0.2.1]"},
        ReasonCase{"too_large", "message size 9051 exceeds size limit 4000 of server mx.x.test[192.0.2.1]",
                   " d=4.0.0 delay=1 |=message size 9051 exceeds size limit 4000 of server mx.x.test[192.0.2.1]"},
        ReasonCase{"sasl", "SASL authentication failed; server mx.x.test[192.0.2.1] said: 535 5.7.8 no",
                   " 535 d=4.0.0 delay=1 |=SASL authentication failed; server mx.x.test[192.0.2.1] said: 535 5.7.8 no"},
        ReasonCase{"suspended_after_words",
                   "delivery temporarily suspended: host mx.x.test[192.0.2.1] refused to talk to me: 421 busy",
                   " at=connect 421 d=4.0.0 delay=1 suspended remote |=421 busy"},
        ReasonCase{"suspended_without_words",
                   "delivery temporarily suspended: connect to mx.x.test[192.0.2.1]:25: No route",
                   " at=connect d=4.0.0 delay=1 suspended |=delivery temporarily suspended: connect to "
                   "mx.x.test[192.0.2.1]:25: No route"},
        ReasonCase{"no_such_host",
                   "Host or domain name not found. Name service error for name=x.test type=MX: Host not "
                   "found, try again",
                   " d=4.0.0 delay=1 |=Host or domain name not found. Name service error for name=x.test type=MX: Host "
                   "not found, try again"}),
    [](const auto& tested) { return tested.param.name; });

constexpr char kTail[] =
    ", relay=mx.x.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx.x.test[192.0.2.1] "
    "said: "
    "550 no (in reply to RCPT TO command))";

struct AddressCase {
  const char* name;
  const char* address;  ///< As it stands behind "to=".
  const char* expected;
};

class Address : public testing::TestWithParam<AddressCase> {};

TEST_P(Address, IsWhole) {
  EXPECT_EQ(read_delivery("to=" + std::string(GetParam().address) + kTail),
            "outbound bounced q=3C1A2AF8044 r=" + std::string(GetParam().expected) +
                " h=mx.x.test i=192.0.2.1 at=rcpt 550 d=5.0.0 delay=1 remote |=550 no");
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Address,
    testing::Values(AddressCase{"plain", "<a@x.test>", "a@x.test"}, AddressCase{"no_domain", "<root>", "root"},
                    AddressCase{"blank", R"(<"john doe"@x.test>)", R"("john doe"@x.test)"},
                    AddressCase{"escaped_quote", R"(<"a\"b"@x.test>)", R"("a\"b"@x.test)"},
                    AddressCase{"closing_bracket", R"(<"a>b"@x.test>)", R"("a>b"@x.test)"},
                    AddressCase{"whole_line_in_quotes",
                                R"~(<"a>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (x)"@x.test>)~",
                                R"~("a>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (x)"@x.test)~"},
                    AddressCase{"orig_to_in_quotes", R"(<a@x.test>, orig_to=<"b>, relay=none, delay=0"@x.test>)",
                                "a@x.test"},
                    AddressCase{"unquoted_bracket", "<a>b@x.test>", "a>b@x.test"},
                    AddressCase{"source_route", "<@a.test,@b.test:c@x.test>", "@a.test,@b.test:c@x.test"},
                    AddressCase{"utf8", "<m\xC3\xBCller@x.test>", "m\xC3\xBCller@x.test"},
                    AddressCase{"latin1", "<m\xFCller@x.test>", "m\xFCller@x.test"}),
    [](const auto& tested) { return tested.param.name; });

TEST(DeliveryCut, EveryCutIsATruncatedRecordOrMalformed) {
  const std::string whole = "to=<a@x.test>" + std::string(kTail);
  const std::size_t reason = whole.find(" (") + 2;
  for (std::size_t size = 3; size < whole.size(); ++size) {
    const std::string found = read_delivery(whole.substr(0, size));
    if (size < reason - 2) {
      EXPECT_EQ(found, "malformed") << whole.substr(0, size);
      continue;
    }
    EXPECT_TRUE(found.starts_with("outbound bounced q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1")) << found;
    if (whole[size - 1] == ')') continue;
    EXPECT_NE(found.find(" truncated"), std::string::npos) << found;
  }
  EXPECT_EQ(read_delivery(whole.substr(0, reason + 31)),
            "outbound bounced q=3C1A2AF8044 r=a@x.test h=mx.x.test i=192.0.2.1 d=5.0.0 delay=1 truncated |=host "
            "mx.x.test[192.0.2.1] said:");
}

TEST(DeliveryMalformed, ShapedLikeADelivery) {
  for (const char* message :
       {"to=<a@x.test>, relay=", "to=<a@x.test>, relay=, delay=1, status=sent (x)", "to=<a@x.test",
        "to=<a@x.test>, relay=none, delay=1, status=lost (x)", "to=<a@x.test>, relay=none, delay=1 status=sent (x)",
        "to=<a@x.test>, relay=none, delay=1, dsn=5.0.0, delay (status=sent) (x)", "to=", "to=<>"}) {
    EXPECT_EQ(read_delivery(message), "malformed") << message;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
