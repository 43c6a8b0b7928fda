#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "core/classify/blocklists.h"
#include "core/classify/classifier.h"
#include "core/enhanced_status.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/remedy_text.h"
#include "daemon/reply_context.h"
#include "daemon/report/printable.h"
#include "daemon/rule_loading.h"
#include "exporters/events/verdict_json.h"
#include "ingest/format/reply_json.h"

namespace dsnwatch::daemon {
namespace {

const CommandSpec& classify_spec() {
  static const CommandSpec kSpec = {
      "dsnwatch classify [OPTION...] [REPLY...]",
      "Says why a server refused: classifies SMTP replies, given as arguments or one a line on standard input. A line "
      "that is a\nJSON object gives hints: {\"text\":..., \"rhost\":..., \"domain\":..., \"stage\":..., \"side\": "
      "\"remote\"|\"local\"}.",
      {{"json", "", "one JSON object per reply"},
       {"rules", "DIR",
        "a file or folder of rules that add to the shipped ones or replace them by id; may be repeated"},
       {"providers", "FILE", "further providers, as `providers` in the configuration"}}};
  return kSpec;
}

std::string shown(std::string_view text) {
  std::string copy(text);
  make_printable(copy);
  return copy;
}

/// The answer for a person: why, on what grounds, and what to do.
void append_text(std::string_view text, const core::Verdict& verdict, const core::Providers& providers,
                 std::string& out) {
  out += shown(text) + "\n  " + std::string(core::name(verdict.cause)) + " (" +
         std::string(core::name(core::category_of(verdict.cause))) + "): " + std::string(core::meaning(verdict.cause)) +
         "\n";
  for (std::size_t i = 0; i < verdict.secondary_count; ++i) {
    out += "  and " + std::string(core::name(verdict.secondary[i])) + "\n";
  }
  auto fact = [&out](std::string_view label, std::string_view value) {
    if (!value.empty()) out.append("  ").append(label).append(": ").append(shown(value)) += '\n';
  };
  fact("code", core::to_string(verdict.enhanced));
  fact("class", core::name(verdict.klass));
  if (verdict.provider != core::kOtherProvider) fact("provider", providers.id(verdict.provider));
  fact("vendor code", verdict.vendor_code);
  fact("block list", core::blocklist(verdict.blocklist).title);
  fact("our IP", verdict.ip);
  fact("domain", verdict.domain);
  if (verdict.wait_seconds >= 0) fact("wait", std::to_string(verdict.wait_seconds) + " s");
  fact("rule", verdict.rule.empty() ? std::string_view() : verdict.rule);
  fact("grounds", core::name(verdict.confidence));
  const core::ProviderSpec* provider = providers.spec(verdict.provider);
  const core::Blocklist& list = core::blocklist(verdict.blocklist);
  const core::RemedyValues values{verdict.ip, verdict.domain, list.zone,
                                  !list.form.empty()    ? list.form
                                  : provider != nullptr ? std::string_view(provider->contact)
                                                        : std::string_view()};
  out += remedy_text(verdict.cause, values, "  ") + "\n";
}

/// Classifies one reply after the other and writes the answers in large pieces.
class Answers {
 public:
  Answers(bool json, std::shared_ptr<const core::RuleSet> rules, std::shared_ptr<const core::Providers> providers)
      : json_(json), providers_(std::move(providers)), classifier_(std::move(rules), providers_) {}

  void add(std::string_view line) {
    core::RuleExample reply;
    if (auto hinted = reader_.read(line)) {
      reply = *std::move(hinted);
    } else {
      reply.text = line;
    }
    const core::Verdict verdict = classifier_.classify(context_of(reply, *providers_));
    if (json_) {
      exporters::append_verdict_json(reply.text, verdict, *providers_, out_);
    } else {
      append_text(reply.text, verdict, *providers_, out_);
    }
    if (out_.size() >= 64u << 10) flush();
  }

  /// False once something could not be written.
  bool flush() {
    written_ = written_ && std::fwrite(out_.data(), 1, out_.size(), stdout) == out_.size() && std::fflush(stdout) == 0;
    out_.clear();
    return written_;
  }

 private:
  bool json_;
  std::shared_ptr<const core::Providers> providers_;
  core::Classifier classifier_;
  ingest::ReplyJsonReader reader_;
  std::string out_;
  bool written_ = true;
};

}  // namespace

int classify_command(const Arguments& args) {
  const auto parsed = parse_options(classify_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<ParsedOptions>(parsed);
  auto providers = load_providers(options.value("providers"), core::default_internal_networks());
  auto rules = providers ? load_rules(options.values("rules"), **providers)
                         : core::Result<std::shared_ptr<const core::RuleSet>>(tl::unexpected(providers.error()));
  if (!rules) {
    std::fprintf(stderr, "dsnwatch classify: %s\n", rules.error().message.c_str());
    return kExitUsage;
  }
  if (options.positional.empty() && isatty(STDIN_FILENO) != 0) {
    std::fputs("dsnwatch classify: give a reply as an argument, or one a line on standard input\n", stderr);
    return kExitUsage;
  }
  Answers answers(options.has("json"), *rules, *providers);
  for (const std::string& reply : options.positional) answers.add(reply);
  if (options.positional.empty()) {
    std::string line;
    while (std::getline(std::cin, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      answers.add(line);
    }
  }
  if (answers.flush()) return kExitDone;
  std::fputs("dsnwatch classify: standard output can't be written (is the disk full?)\n", stderr);
  return kExitFailed;
}

}  // namespace dsnwatch::daemon
