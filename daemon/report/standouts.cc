#include "daemon/report/standouts.h"

#include "daemon/report/content.h"
#include "daemon/report/printable.h"
#include "daemon/report/utc_time.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::size_t kMostJumps = 3;

std::string retried_text(const RetriedRecipients& retried) {
  std::string text =
      grouped(retried.recipients()) + (retried.recipients() == 1 ? " recipient was" : " recipients were") +
      " tried again after a permanent rejection and rejected again (" + grouped(retried.again()) +
      (retried.again() == 1 ? " time" : " times") + ", mostly " + std::string(core::name(retried.main_cause()));
  if (retried.first_us() != core::kNoTime) text += ", since " + minute_utc(retried.first_us());
  text +=
      "). A 5xx answer is final for the same request (RFC 5321, 4.2.1): take addresses that do not exist off the "
      "lists, and send the rest again only once the cause is mended.";
  if (!retried.complete()) text += " More recipients than could be remembered were rejected, so there may be more.";
  return text;
}

std::string jump_text(const VolumeWatch::Jump& jump) {
  std::string name = jump.sender;
  make_printable(name);
  return std::string(jump.account ? "Account " : "Sender domain ") + name + ": " + grouped(jump.attempts) +
         " attempts and " + grouped(jump.rejections) + " rejections in the hour from " + minute_utc(jump.hour_us) +
         " UTC, usually " + grouped(jump.usual_attempts) + " and " + grouped(jump.usual_rejections) + " an hour. " +
         (jump.account ? "Is it still in its owner's hands? Look at who logged in, and from where, before that hour."
                       : "Was a list mailed, or does somebody send in its name? Look at what was sent in that hour.");
}

}  // namespace

std::vector<VolumeWatch::Jump> jumps(const Report& report) {
  return report.volumes.jumps(report.first_us, report.last_us, kMostJumps);
}

std::vector<std::string> standouts(const Report& report) {
  std::vector<std::string> all;
  if (report.retried.recipients() > 0) all.push_back(retried_text(report.retried));
  for (const VolumeWatch::Jump& jump : jumps(report)) all.push_back(jump_text(jump));
  return all;
}

}  // namespace dsnwatch::daemon
