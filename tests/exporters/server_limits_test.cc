// Clients that are slow, silent, gone or too many, and a server that stops meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/exporters/server_fixture.h"

namespace dsnwatch::exporters {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerLimitsTest : public ServerTest {};

TEST_F(ServerLimitsTest, SaysWhenPrometheusHasTheWholeAnswer) {
  page_.assign(20 << 20, 'a');  // more than socket buffers hold
  start();
  RawClient client(server_->address());
  client.send("GET /page HTTP/1.1\r\nHost: x\r\nx-prometheus-scrape-timeout-seconds: 10\r\nConnection: close\r\n\r\n");
  std::string answer = client.read_some(1000);
  EXPECT_THAT(get("/-/healthy"), StartsWith("HTTP/1.1 200"));  // so the server has had its turn
  EXPECT_EQ(shown_, 0) << "most of it is still to come";
  answer += client.read_to_end();
  EXPECT_EQ(body_of(answer).size(), page_.size());
  get("/page");
  server_->stop();
  EXPECT_EQ(shown_, 1);
  EXPECT_EQ(seen_, 1);
}

TEST_F(ServerLimitsTest, NotShownIfTheClientGoesAway) {
  page_.assign(20 << 20, 'a');
  start();
  {
    RawClient client(server_->address());
    client.send("GET /page HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n");
    client.read_some(1000);
  }
  server_->stop();
  EXPECT_EQ(shown_, 0);
}

TEST_F(ServerLimitsTest, SlowReadersDoNotBlockOthers) {
  page_.assign(8 << 20, 'a');
  start();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->address()));
    slow.back()->send("GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(slow.back()->read_some(12), StartsWith("HTTP/1.1 200"));
  }
  EXPECT_THAT(get("/-/healthy"), StartsWith("HTTP/1.1 200"));
  EXPECT_GT(slow[0]->read_to_end().size(), 7u << 20);
}

TEST_F(ServerLimitsTest, SlowReadersDoNotEatTheMemory) {
  page_.assign(8 << 20, 'a');
  settings_.max_pending_bytes = 15 << 20;
  start();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->address()));
    slow.back()->send("GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(slow.back()->read_some(12), StartsWith(i < 2 ? "HTTP/1.1 200" : "HTTP/1.1 503"));
  }
  for (int i = 0; i < 2; ++i) slow[static_cast<std::size_t>(i)]->read_to_end();
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, SilentClientsMakeRoom) {
  settings_.max_connections = 4;
  start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<RawClient>(server_->address()));
    if (i % 2 == 0) silent.back()->send("GET /page HT");  // in the middle of a request
    EXPECT_THAT(get("/page"), HasSubstr("the page")) << i;
  }
  EXPECT_EQ(silent[0]->read_to_end(), "");
}

TEST_F(ServerLimitsTest, HalfARequestIsGivenUp) {
  settings_.header_timeout = std::chrono::milliseconds(50);
  start();
  RawClient client(server_->address());
  client.send("GET /page HT");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerLimitsTest, IdleConnectionIsGivenUp) {
  settings_.idle_timeout = std::chrono::milliseconds(50);
  listen();
  RawClient client(server_->address());
  client.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");  // before the clock runs
  server_->start();
  EXPECT_THAT(client.read_to_end(), HasSubstr("the page"));
}

TEST_F(ServerLimitsTest, StuckReaderIsGivenUp) {
  page_.assign(20 << 20, 'a');
  settings_.write_timeout = std::chrono::milliseconds(50);
  start();
  RawClient client(server_->address());
  client.send("GET /page HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 1\r\n\r\n");
  client.read_some(12);
  // Nothing tells when the server has given up but the count of what waits: new answers go on.
  EXPECT_THAT(get("/-/healthy"), StartsWith("HTTP/1.1 200"));
  server_->stop();
  EXPECT_LT(client.read_to_end().size(), page_.size());
  EXPECT_EQ(shown_, 0);
}

TEST_F(ServerLimitsTest, StopFinishesRunningAnswersAndEndsIdleConnections) {
  page_.assign(20 << 20, 'a');
  settings_.stop_timeout = std::chrono::minutes(1);
  start();
  RawClient idle(server_->address());
  RawClient running(server_->address());
  running.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string answer = running.read_some(1000);
  std::thread reader([&] { answer += running.read_to_end(); });
  const std::string address = server_->address();
  server_->stop();
  reader.join();
  EXPECT_EQ(body_of(answer).size(), page_.size());
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(seen_, 1);
  server_->stop();  // again: nothing happens
  EXPECT_THROW(RawClient{address}, std::runtime_error);
}

TEST_F(ServerLimitsTest, StopDoesNotWaitForeverForASlowReader) {
  page_.assign(20 << 20, 'a');
  settings_.stop_timeout = std::chrono::milliseconds(50);
  start();
  RawClient slow(server_->address());
  slow.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  slow.read_some(12);
  server_->stop();
  EXPECT_EQ(seen_, 0);
}

}  // namespace
}  // namespace dsnwatch::exporters
