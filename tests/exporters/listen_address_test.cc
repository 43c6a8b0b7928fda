#include "exporters/http/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dsnwatch::exporters {
namespace {

TEST(ListenAddress, ReadsHostAndPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c : {Case{"127.0.0.1:25571", "127.0.0.1", 25571}, Case{"[::1]:0", "::1", 0},
                        Case{"localhost:65535", "localhost", 65535}, Case{":9", "", 9}, Case{"[::]:80", "::", 80}}) {
    const auto address = parse_listen_address(c.text);
    ASSERT_TRUE(address) << c.text << ": " << address.error().message;
    EXPECT_EQ(address->host, c.host) << c.text;
    EXPECT_EQ(address->port, c.port) << c.text;
  }
}

TEST(ListenAddress, RefusesWithAnExample) {
  for (const char* text : {"", "127.0.0.1", "localhost", "::1:80", "[::1]", "[::1:80", "[1.2.3.4]:80", "x:", "x:65536",
                           "x:-1", "x:80x", "x: 80", "a b:80", "http://x:80", "user@x:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().message,
                ::testing::AllOf(::testing::HasSubstr(text), ::testing::HasSubstr("127.0.0.1:25571")));
  }
}

TEST(ListenAddress, FormatsIpv6InBrackets) {
  EXPECT_EQ(format_address("::1", 80), "[::1]:80");
  EXPECT_EQ(format_address("127.0.0.1", 80), "127.0.0.1:80");
}

}  // namespace
}  // namespace dsnwatch::exporters
