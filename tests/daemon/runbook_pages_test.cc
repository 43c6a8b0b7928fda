// Pages of deploy/runbooks that are made from the tables of the program: every cause with its remedy, every provider
// with its addresses. A page that is out of date fails; DSNWATCH_WRITE_PAGES=1 in the environment writes it anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/classify/rule_spec.h"
#include "core/providers.h"
#include "core/remedies.h"
#include "core/taxonomy.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::string_view kMadeBy =
    "<!-- Made from the program's tables by tests/daemon/runbook_pages_test.cc with DSNWATCH_WRITE_PAGES=1. -->\n\n";

/// What Markdown would take for a tag or a column becomes plain text.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') {
      out += "\\|";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string causes_page() {
  std::ostringstream out;
  out << "# What to do, by cause\n\n"
      << kMadeBy
      << "The checks stand in the order in which they pay. `dsnwatch classify 'THE REPLY'` prints the same with the "
         "values of the "
         "reply filled in. Whom to write to at a provider: [providers.md](providers.md).\n";
  const core::RemedyValues words{};
  for (int i = 0; i < core::kCauseCount; ++i) {
    const auto cause = static_cast<core::Cause>(i);
    const core::Remedy& remedy = core::remedy(cause);
    out << "\n## " << core::name(cause) << "\n\n" << plain(core::filled(remedy.what, words)) << "\n\n";
    int number = 0;
    for (const std::string_view check : remedy.checks) {
      if (!check.empty()) out << ++number << ". " << plain(core::filled(check, words)) << "\n";
    }
    out << "\nWho can change it: " << plain(core::filled(remedy.fixer, words))
        << "  \nThe address: " << plain(core::filled(remedy.recipient, words))
        << "  \nThe rest of the queue: " << plain(core::filled(remedy.traffic, words)) << "\n";
  }
  return out.str();
}

std::string providers_page() {
  std::ostringstream out;
  out << "# Pages and forms of the providers\n\n"
      << kMadeBy
      << "The identifiers are the values of the label `provider`. Give the postmaster: our IP, the sender domain, "
         "times in UTC, queue ids, "
         "the replies word for word, and what you have repaired.\n\n"
         "| provider | who | what it demands, and its codes | contact |\n|---|---|---|---|\n";
  for (const core::ProviderSpec& provider : core::shipped_providers()) {
    if (provider.postmaster_url.empty() && provider.contact.empty()) continue;
    const std::string page = provider.postmaster_url.empty() ? "" : "<" + provider.postmaster_url + ">";
    out << "| `" << provider.id << "` | " << plain(provider.title) << " | " << page << " | " << plain(provider.contact)
        << " |\n";
  }
  return out.str();
}

void check_page(const std::string& name, const std::string& wanted) {
  const std::string path = std::string(DSNWATCH_SOURCE_DIR "/deploy/runbooks/") + name;
  if (std::getenv("DSNWATCH_WRITE_PAGES") != nullptr) std::ofstream(path) << wanted;
  std::ifstream file(path);
  std::stringstream found;
  found << file.rdbuf();
  EXPECT_EQ(found.str(), wanted) << path << " is out of date: run this test once with DSNWATCH_WRITE_PAGES=1";
}

TEST(RunbookPages, EveryCauseWithItsRemedy) {
  check_page("causes.md", causes_page());
}

TEST(RunbookPages, EveryProviderWithItsAddresses) {
  check_page("providers.md", providers_page());
}

}  // namespace
}  // namespace dsnwatch::daemon
