#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/commands/command.h"
#include "exporters/http/pages.h"
#include "exporters/http/server.h"

namespace dsnwatch::daemon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Outcome {
  int status;
  std::string message;
};

Outcome healthcheck(const Arguments& args) {
  ::testing::internal::CaptureStderr();
  const int status = healthcheck_command(args);
  return {status, ::testing::internal::GetCapturedStderr()};
}

std::unique_ptr<exporters::Server> server_on(const std::string& listen) {
  exporters::ServerSettings settings;
  settings.listen = listen;
  auto server = exporters::Server::listen(settings);
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

TEST(Healthcheck, HealthyDaemon) {
  for (const char* listen : {"127.0.0.1:0", "[::1]:0"}) {
    const auto server = server_on(listen);
    server->route("/-/healthy", exporters::healthy_page());
    server->start();
    const Outcome outcome = healthcheck({"--listen", server->address()});
    EXPECT_EQ(outcome.status, kExitDone) << outcome.message;
    EXPECT_EQ(outcome.message, "");
  }
}

TEST(Healthcheck, AddressOfAllInterfacesIsAskedOnLoopback) {
  const auto server = server_on("127.0.0.1:0");
  server->route("/-/healthy", exporters::healthy_page());
  server->start();
  const std::string port = server->address().substr(server->address().rfind(':'));
  EXPECT_EQ(healthcheck({"--listen", "0.0.0.0" + port}).status, kExitDone);
  EXPECT_EQ(healthcheck({"--listen", port}).status, kExitDone);
}

TEST(Healthcheck, NobodyListens) {
  auto server = server_on("127.0.0.1:0");
  const std::string address = server->address();
  server.reset();
  const Outcome outcome = healthcheck({"--listen=" + address});
  EXPECT_EQ(outcome.status, kExitFailed);
  EXPECT_THAT(outcome.message, AllOf(HasSubstr(address), HasSubstr("refused"), HasSubstr("is the daemon running")));
}

TEST(Healthcheck, AnotherServer) {
  const auto server = server_on("127.0.0.1:0");
  server->start();
  const Outcome outcome = healthcheck({"--listen", server->address()});
  EXPECT_EQ(outcome.status, kExitFailed);
  EXPECT_THAT(outcome.message, HasSubstr("answered 404"));
}

TEST(Healthcheck, WrongUse) {
  EXPECT_EQ(healthcheck({"--listen", "nonsense"}).status, kExitUsage);
  EXPECT_EQ(healthcheck({"127.0.0.1:1"}).status, kExitUsage);
  EXPECT_EQ(healthcheck({"--port=1"}).status, kExitUsage);
}

}  // namespace
}  // namespace dsnwatch::daemon
