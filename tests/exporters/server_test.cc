#include "exporters/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <random>
#include <thread>
#include <vector>

#include "exporters/http/client.h"
#include "tests/exporters/server_fixture.h"

namespace dsnwatch::exporters {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::string_view_literals;

std::string gunzip(std::string_view packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    char chunk[65536];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  EXPECT_EQ(status, Z_STREAM_END);
  return text;
}

TEST_F(ServerTest, AnswersGet) {
  start();
  EXPECT_THAT(get("/-/healthy"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 8\r\n"),
                                       HasSubstr("Connection: close\r\n"), HasSubstr("\r\n\r\nhealthy\n")));
  EXPECT_THAT(get("/"), AllOf(HasSubstr("text/html; charset=utf-8"), HasSubstr("href=\"/metrics\"")));
}

TEST_F(ServerTest, HeadHasTheHeaderOfGetAndNoBody) {
  start();
  EXPECT_THAT(ask("HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 9\r\n"), Not(HasSubstr("the page"))));
  server_->stop();
  EXPECT_EQ(shown_, 0) << "a HEAD shows nothing";
}

TEST_F(ServerTest, TargetForms) {
  start();
  EXPECT_EQ(body_of(get("/echo?a=b%20c&d")), "/echo|a=b%20c&d");
  EXPECT_EQ(body_of(get("http://other.example:1/echo?x")), "/echo|x");
  EXPECT_EQ(body_of(get("/echo?")), "/echo|");
}

TEST_F(ServerTest, WhatIsNotThere) {
  start();
  for (const char* path : {"/nothing", "/metrics/", "/..//etc/passwd", "*", "http://x"}) {
    EXPECT_THAT(get(path), path == std::string("http://x") ? StartsWith("HTTP/1.1 200") : StartsWith("HTTP/1.1 404"))
        << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"}) {
    EXPECT_THAT(ask(std::string(method) + " /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
  EXPECT_THAT(get("/broken"), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("no luck")));
  server_->stop();
  EXPECT_EQ(answers(),
            (std::map<std::string, int>{{"/ 200", 1}, {"other 404", 4}, {"other 405", 7}, {"/broken 500", 1}}));
}

TEST_F(ServerTest, ReadyPageSaysWhyNot) {
  auto server = Server::listen(settings_);
  ASSERT_TRUE(server) << server.error().message;
  server_ = std::move(*server);
  std::atomic<bool> ready = false;
  server_->route("/-/ready", ready_page([&]() -> std::string { return ready ? "" : "mail.log is not there yet"; }));
  server_->start();
  EXPECT_THAT(get("/-/ready"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("not ready: mail.log is not there yet\n")));
  ready = true;
  EXPECT_THAT(get("/-/ready"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, KeepsTheConnection) {
  start();
  RawClient client(server_->address());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("the page")));
    client.send("HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_answer(/*head=*/true), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client(server_->address());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += "GET /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(body_of(client.read_answer()), "/echo|" + std::to_string(i));
}

TEST_F(ServerTest, RequestsInSingleBytes) {
  start();
  RawClient client(server_->address());
  for (const char byte : std::string("GET /echo?x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) {
    client.send(std::string_view(&byte, 1));
  }
  EXPECT_EQ(body_of(client.read_to_end()), "/echo|x");
}

TEST_F(ServerTest, Http10ClosesUnlessAsked) {
  start();
  EXPECT_THAT(ask("GET /page HTTP/1.0\r\n\r\n"), AllOf(StartsWith("HTTP/1.0 200"), HasSubstr("the page")));
  RawClient client(server_->address());
  client.send("GET /page HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("Connection: keep-alive"));
  client.send("GET /page HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.0 200"));
}

TEST_F(ServerTest, BodyIsNotTakenForARequest) {
  start();
  EXPECT_THAT(ask("GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nGET /echo HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close"), HasSubstr("the page"),
                    Not(HasSubstr("/echo"))));
  std::string big(1 << 20, 'x');
  RawClient client(server_->address());
  client.send("POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n");
  client.send(big.substr(0, 100'000));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 405"));
}

TEST_F(ServerTest, GarbageGetsA400AndHurtsNobody) {
  start();
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n"sv), std::string(300, '\0'),
        std::string("hello\r\n\r\n"), std::string("GET /\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")}) {
    RawClient client(server_->address());
    client.send(garbage);
    client.finish_sending();
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 400")) << garbage;
  }
  EXPECT_THAT(get("/page"), HasSubstr("the page"));
}

TEST_F(ServerTest, RandomBytesHurtNobody) {
  start();
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string request = "GET /page?x HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0.5, *\r\n\r\n";
  for (int i = 0; i < 300; ++i) {
    std::string mangled = request;
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      mangled[random() % mangled.size()] = static_cast<char>(random());
    }
    mangled.resize(random() % (mangled.size() + 1));
    RawClient client(server_->address());
    client.send(mangled);
    client.finish_sending();
    client.read_to_end();
  }
  EXPECT_THAT(get("/page"), HasSubstr("the page"));
}

TEST_F(ServerTest, HugeHeadersAreRefused) {
  start();
  EXPECT_THAT(get("/page", "X: " + std::string(7000, 'x') + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/page", "X: " + std::string(9000, 'x') + "\r\n"), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(get("/" + std::string(9000, 'x')), StartsWith("HTTP/1.1 431"));
  RawClient endless(server_->address());
  endless.send("GET /page HTTP/1.1\r\n");
  std::string line = "X-Name: " + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 100 && endless.send(line); ++i) {
  }
  EXPECT_THAT(endless.read_answer(), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(get("/page"), HasSubstr("the page"));
}

struct EncodingCase {
  std::string name, header;
  bool packed;
};

class EncodingTest : public ServerTest, public ::testing::WithParamInterface<EncodingCase> {};

TEST_P(EncodingTest, GzipOnlyWhereAllowed) {
  page_.assign(100'000, 'a');
  start();
  const std::string answer = get("/page", GetParam().header);
  EXPECT_THAT(answer, HasSubstr("Vary: Accept-Encoding\r\n"));
  if (GetParam().packed) {
    EXPECT_THAT(answer, HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_LT(answer.size(), 5000u);
    EXPECT_EQ(gunzip(body_of(answer)), page_);
  } else {
    EXPECT_THAT(answer, Not(HasSubstr("Content-Encoding")));
    EXPECT_EQ(body_of(answer), page_);
  }
}

INSTANTIATE_TEST_SUITE_P(
    AcceptEncoding, EncodingTest,
    ::testing::Values(EncodingCase{"None", "", false}, EncodingCase{"Gzip", "Accept-Encoding: gzip\r\n", true},
                      EncodingCase{"Zero", "Accept-Encoding: gzip;q=0\r\n", false},
                      EncodingCase{"TwoFields", "Accept-Encoding: br\r\naccept-encoding: gzip\r\n", true}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(ServerTest, EndsWithoutHavingBeenStarted) {
  auto server = Server::listen(settings_);
  ASSERT_TRUE(server) << server.error().message;
  RawClient waits((*server)->address());
  (*server)->stop();
}

TEST_F(ServerTest, ListensOnIpv6) {
  settings_.listen = "[::1]:0";
  start();
  EXPECT_THAT(server_->address(), StartsWith("[::1]:"));
  EXPECT_EQ(server_->url(), "http://" + server_->address());
  EXPECT_THAT(get("/page"), HasSubstr("the page"));
}

TEST_F(ServerTest, ListensByName) {
  settings_.listen = "localhost:0";
  start();
  EXPECT_THAT(get("/page"), HasSubstr("the page"));
}

TEST_F(ServerTest, AddressInUseSaysWhatToDo) {
  start();
  ServerSettings same;
  same.listen = server_->address();
  const auto second = Server::listen(same);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr(server_->address()), HasSubstr("in use"), HasSubstr("--listen"), HasSubstr("port 0")));
}

TEST_F(ServerTest, AddressOfAnotherMachine) {
  settings_.listen = "192.0.2.1:0";
  const auto server = Server::listen(settings_);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, AllOf(HasSubstr("192.0.2.1:0"), HasSubstr("address of this machine")));
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  start();
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawClient client(server_->address());
      for (int n = 0; n < 50; ++n) {
        client.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
        if (body_of(client.read_answer()) == page_) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

TEST_F(ServerTest, OwnClientGetsPages) {
  start();
  const auto page = http_get(server_->address(), "/page", std::chrono::seconds(20));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->status, 200u);
  EXPECT_EQ(page->body, page_);
  EXPECT_EQ(http_get(server_->address(), "/nothing", std::chrono::seconds(20))->status, 404u);
}

TEST_F(ServerTest, OwnClientSaysWhyThereIsNoAnswer) {
  start();
  const std::string address = server_->address();
  server_.reset();
  const auto refused = http_get(address, "/page", std::chrono::seconds(20));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("http://" + address + "/page"), HasSubstr("refused")));
  EXPECT_THAT(http_get("nonsense", "/", std::chrono::seconds(1)).error().message, HasSubstr("HOST:PORT"));

  const auto never_started = Server::listen(settings_);  // accepts in the backlog, answers nobody
  ASSERT_TRUE(never_started);
  const auto silent = http_get((*never_started)->address(), "/", std::chrono::milliseconds(50));
  ASSERT_FALSE(silent);
  EXPECT_THAT(silent.error().message, HasSubstr("tim"));
}

}  // namespace
}  // namespace dsnwatch::exporters
