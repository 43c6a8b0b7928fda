#include "daemon/run/signals.h"

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace dsnwatch::daemon {
namespace {

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = watched();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

std::optional<Signals::Event> Signals::wait(core::MonotonicMs milliseconds) {
  const sigset_t set = watched();
  const std::timespec timeout = {milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  const int signal = milliseconds < 0 ? ::sigwaitinfo(&set, nullptr) : ::sigtimedwait(&set, nullptr, &timeout);
  if (signal == SIGHUP) return Event::kReload;
  if (signal == SIGTERM || signal == SIGINT) return Event::kEnd;
  return std::nullopt;
}

void Signals::restore_default() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace dsnwatch::daemon
