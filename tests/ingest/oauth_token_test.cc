#include "ingest/source/oauth_token.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace dsnwatch::ingest {
namespace {

constexpr std::int64_t kNowMs = 1'796'000'000'000;

std::string base64url(const std::string& bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    const std::size_t characters = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t k = 0; k < characters; ++k) text += kAlphabet[group >> (18 - 6 * k) & 63];
  }
  return text;
}

std::string jwt(const std::string& payload, const std::string& signature = "c2lnbmVk") {
  return base64url(R"({"alg":"RS256","kid":"x"})") + "." + base64url(payload) + "." + signature;
}

TEST(OAuthToken, SaysWhoseItIsAndHowLong) {
  const std::string text = jwt(R"({"aud":["kafka"],"exp":1796003600,"iat":1796000000,"sub":"m\u00fcller?>>"})");
  const auto token = parse_oauth_token("\n" + text + "\r\n", kNowMs);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->text, text);
  EXPECT_EQ(token->principal, "m\xc3\xbcller?>>");
  EXPECT_EQ(token->expires_ms, 1'796'003'600'000);
}

TEST(OAuthToken, NeedNotNameAnybodyNorBeSignedAndMayHaveAFraction) {
  const auto token = parse_oauth_token(jwt(R"({"exp":1796000000.75})", ""), kNowMs);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->principal, "dsnwatch");
  EXPECT_EQ(token->expires_ms, kNowMs + 750);
}

TEST(OAuthToken, OfEveryLengthIsDecoded) {
  for (std::size_t size = 0; size < 9; ++size) {
    const std::string subject(size + 1, 'x');
    const auto token = parse_oauth_token(jwt(R"({"exp":1796000001,"sub":")" + subject + "\"}"), kNowMs);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->principal, subject);
  }
}

TEST(OAuthToken, ThatCannotBeUsedSaysWhy) {
  const std::string good = jwt(R"({"exp":1796003600})");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no token"},
      {" \n", "no token"},
      {jwt(R"({"exp":1795999000,"sub":"x"})"), "expired 1000 s ago"},
      {jwt(R"({"sub":"x"})"), "without \"exp\""},
      {jwt(R"({"exp":"1796003600"})"), "without \"exp\""},
      {jwt(R"({"exp":-5})"), "\"exp\" is no time"},
      {jwt(R"({"exp":1e300})"), "\"exp\" is no time"},
      {jwt(R"([1796003600])"), "no JWT"},
      {jwt(R"({"exp":)"), "no JWT"},
      {"hunter2", "no JWT"},
      {"a.b", "no JWT"},
      {good + ".more", "no JWT"},
      {"." + good, "no JWT"},
      {good + "=", "no JWT"},
      {"hea der" + good, "no JWT"},
      {base64url("{}") + ".****." + base64url("s"), "no JWT"},
      {std::string(1, '\0') + good, "no JWT"},
      {jwt("{\"exp\":1796003600,\"x\":\"" + std::string(70'000, 'x') + "\"}"), "too long"}};
  for (const auto& [text, why] : cases) {
    const auto token = parse_oauth_token(text, kNowMs);
    ASSERT_FALSE(token) << text.substr(0, 100);
    EXPECT_NE(token.error().message.find(why), std::string::npos) << token.error().message << " not " << why;
    EXPECT_EQ(token.error().message.find("hunter2"), std::string::npos);
  }
}

TEST(OAuthToken, ComesOutOfAFileThatMayBeRenewed) {
  const std::string path = testing::TempDir() + "/oauth_token." + std::to_string(::getpid());
  const auto missing = read_oauth_token(path, kNowMs);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find(path + ": No such file"), std::string::npos) << missing.error().message;
  for (const char* subject : {"one", "two"}) {
    std::ofstream(path) << jwt(R"({"exp":1796003600,"sub":")" + std::string(subject) + "\"}") << '\n';
    const auto token = read_oauth_token(path, kNowMs);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->principal, subject);
  }
  std::ofstream(path) << std::string(200'000, 'x');
  const auto long_one = read_oauth_token(path, kNowMs);
  ASSERT_FALSE(long_one);
  EXPECT_NE(long_one.error().message.find(path + " holds"), std::string::npos);
  EXPECT_NE(long_one.error().message.find("too long"), std::string::npos) << long_one.error().message;
  std::remove(path.c_str());
  EXPECT_FALSE(read_oauth_token(testing::TempDir(), kNowMs));
}

}  // namespace
}  // namespace dsnwatch::ingest
