#include "daemon/remedy_text.h"

namespace dsnwatch::daemon {

std::string remedy_text(core::Cause cause, const core::RemedyValues& values, std::string_view indent) {
  const core::Remedy& remedy = core::remedy(cause);
  std::string out;
  auto line = [&](std::string_view label, std::string_view text) {
    if (text.empty()) return;
    out.append(indent).append(label).append(core::filled(text, values)) += '\n';
  };
  line("", remedy.what);
  for (std::size_t i = 0; i < remedy.checks.size(); ++i) line(std::to_string(i + 1) + ". ", remedy.checks[i]);
  line("Who can fix it: ", remedy.fixer);
  line("The recipient: ", remedy.recipient);
  line("The traffic: ", remedy.traffic);
  return out;
}

}  // namespace dsnwatch::daemon
