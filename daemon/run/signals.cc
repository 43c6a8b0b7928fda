#include "daemon/run/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

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
  signals_ = ingest::FileDescriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A limit on the size of files is an error of the write, as a full disk is.
}

std::optional<Signals::Event> Signals::wait(core::MonotonicMs milliseconds, int wake_fd) {
  pollfd waits[] = {{signals_.get(), POLLIN, 0}, {wake_fd, POLLIN, 0}};
  ::poll(waits, 2, static_cast<int>(milliseconds));
  signalfd_siginfo info = {};
  if (::read(signals_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return info.ssi_signo == SIGHUP ? Event::kReload : Event::kEnd;
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
