#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "exporters/http/pages.h"
#include "exporters/http/server.h"
#include "tests/exporters/raw_client.h"

namespace dsnwatch::exporters {

/// A server on a free port with a page of any size, and what it did.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { settings_.listen = "127.0.0.1:0"; }

  /// Clients can connect and send; they are answered once it is started.
  void listen() {
    auto server = Server::listen(settings_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    server_->route("/-/healthy", healthy_page());
    server_->route("/", landing_page("1.2.3"));
    server_->route("/page", [this](const Request& request) {
      Answer answer;
      answer.body = page_;
      answer.compressible = true;
      answer.delivered = [this, prometheus = request.from_prometheus] { ++(prometheus ? shown_ : seen_); };
      return answer;
    });
    server_->route("/echo", [](const Request& request) {
      Answer answer;
      answer.body = std::string(request.path) + "|" + std::string(request.query);
      return answer;
    });
    server_->route("/broken", [](const Request&) -> Answer { throw std::runtime_error("no luck"); });
    server_->on_answer([this](std::string_view path, unsigned status) {
      const std::lock_guard lock(mutex_);
      ++answers_[std::string(path) + " " + std::to_string(status)];
    });
  }

  void start() {
    listen();
    server_->start();
  }

  /// One request on a connection of its own.
  std::string ask(std::string_view request) {
    RawClient client(server_->address());
    client.send(request);
    return client.read_to_end();
  }
  std::string get(std::string_view path, std::string_view headers = "") {
    return ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string(headers) +
               "\r\n");
  }
  std::map<std::string, int> answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }

  ServerSettings settings_;
  std::string page_ = "the page\n";
  std::atomic<int> shown_ = 0, seen_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> answers_;
  std::unique_ptr<Server> server_;
};

}  // namespace dsnwatch::exporters
