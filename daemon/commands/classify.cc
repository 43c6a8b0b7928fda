#include <cstdio>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "core/classify/classifier.h"
#include "daemon/classify/print_verdict.h"
#include "daemon/classify/reply_line.h"
#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/rule_loading.h"

namespace dsnwatch::daemon {
namespace {

CommandSpec command_spec() {
  return {.usage = "dsnwatch classify [OPTION...] [REPLY...]",
          .about =
              "Says why a server gave these replies: the arguments, or one reply per line on standard input, plain or "
              "as a\n"
              "JSON object {\"text\": ..., \"rhost\": ..., \"domain\": ..., \"stage\": ..., \"side\": "
              "\"remote\"|\"local\"}.",
          .options = {{"json", "", "print one JSON object per reply"},
                      {"rules", "DIR", "add the rules of this folder or file; the same id replaces a shipped rule"}}};
}

// Classifies replies and prints the answers, in order.
class ReplyPrinter {
 public:
  ReplyPrinter(core::Classifier& classifier, const core::Providers& providers, bool json)
      : classifier_(classifier), providers_(providers), json_(json) {}

  void print(const ReplyLine& line) {
    if (!json_ && line.text.empty()) return;
    const core::Verdict verdict = classifier_.classify(context_of(line, providers_));
    if (json_) {
      append_verdict_json(line.text, verdict, providers_, out_);
    } else {
      if (printed_) out_ += '\n';
      append_verdict_text(line.text, verdict, providers_, out_);
    }
    printed_ = true;
    if (out_.size() > kFlushAt) flush();
  }

  bool flush() {
    const bool done = std::fwrite(out_.data(), 1, out_.size(), stdout) == out_.size() && std::fflush(stdout) == 0;
    out_.clear();
    failed_ |= !done;
    return !failed_;
  }

  bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kFlushAt = 1 << 16;
  core::Classifier& classifier_;
  const core::Providers& providers_;
  bool json_;
  bool printed_ = false, failed_ = false;
  std::string out_;
};

}  // namespace

int classify_command(const Arguments& args) {
  const auto parsed = parse_options(command_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<ParsedOptions>(parsed);
  const auto providers = load_providers("", core::default_internal_networks());
  if (!providers) {
    std::fprintf(stderr, "dsnwatch classify: %s\n", providers.error().message.c_str());
    return kExitUsage;
  }
  const auto rules = load_rules(options.values("rules"), **providers);
  if (!rules) {
    std::fprintf(stderr, "dsnwatch classify: %s\n", rules.error().message.c_str());
    return kExitUsage;
  }
  core::Classifier classifier(*rules, *providers);
  ReplyPrinter printer(classifier, **providers, options.has("json"));
  for (const std::string& reply : options.positional) {
    ReplyLine line;
    line.text = reply;
    printer.print(line);
  }
  if (options.positional.empty()) {
    std::ios::sync_with_stdio(false);
    ReplyLineReader reader;
    std::string line;
    while (!printer.failed() && std::getline(std::cin, line)) {
      printer.print(reader.read(line));
      // Somebody who types a reply wants the answer now.
      if (std::cin.rdbuf()->in_avail() <= 0 && !printer.flush()) break;
    }
  }
  return printer.flush() ? kExitDone : kExitFailed;
}

}  // namespace dsnwatch::daemon
