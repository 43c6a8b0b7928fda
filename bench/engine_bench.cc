// How many replies a second one core classifies, everything included: with 1,000 made-up rules, a third of which have
// their literal only behind `.*`, a character class or an alternation, and with the shipped rules.
//
// Usage: engine_bench [REPLIES...]  with REPLIES=FILE in the environment: one reply a line, or JSON objects with
// "text". Without it the replies are the examples of the rules, shuffled.

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/classifier.h"
#include "core/classify/rule_set.h"
#include "core/providers.h"

namespace {

using namespace dsnwatch::core;  // NOLINT: a program of one file

constexpr std::uint64_t kSeed = 20261124;
constexpr int kRounds = 5;
constexpr std::size_t kRepliesARound = 200'000;
constexpr std::size_t kDistinct = 1'000'000;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void die(const std::string& message) {
  std::fprintf(stderr, "engine_bench: %s\n", message.c_str());
  std::exit(1);
}

class Random {
 public:
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(list.size())];
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_{kSeed};
};

constexpr auto kSubjects =
    std::to_array<std::string_view>({"client system", "sender name", "your message", "this server", "the recipient",
                                     "mail from", "connection", "domain", "account", "mailbox", "the sending ip",
                                     "session", "transaction", "our gateway", "remote mta", "helo name"});
constexpr auto kVerbs = std::to_array<std::string_view>(
    {"rejected", "blocked", "refused", "denied", "deferred", "throttled", "not accepted", "listed", "suspended",
     "quarantined", "not permitted", "limited", "unknown", "disabled", "not authorized", "expired"});
constexpr auto kReasons = std::to_array<std::string_view>(
    {"for policy reasons", "due to poor reputation", "by the content filter", "because of complaints", "over quota",
     "as unsolicited mail", "by a local rule", "for too many connections", "by the dns list", "after a failed check",
     "without authentication", "by the administrator", "for a bad header", "by sender verification", "temporarily",
     "for missing reverse dns"});
constexpr auto kFillers = std::to_array<std::string_view>(
    {"Please contact your postmaster.", "See https://example.org/help for details.", "Try again later.",
     "If you believe this is an error, forward this message.", "Session id 8f3a2c1d9e.", "mx7.example.net ESMTP",
     "Transaction failed.", "This mail has been logged."});

// A number in letters: what is mutated is digits, and a mutated reply must still fall under its rule.
std::string in_letters(std::size_t number) {
  std::string letters;
  for (int i = 0; i < 3; ++i, number /= 16) letters += static_cast<char>('a' + number % 16);
  return letters;
}

std::string words_of(std::size_t i) {
  const std::string_view subject = kSubjects[i % kSubjects.size()];
  const std::string_view verb = kVerbs[i / kSubjects.size() % kVerbs.size()];
  const std::string_view reason = kReasons[i * 7 % kReasons.size()];
  return std::string(subject) + " " + std::string(verb) + " " + std::string(reason) + " (case " + in_letters(i) + ")";
}

// A rule whose pattern hides its words in one of the usual ways, and a reply that it matches.
RuleSpec made_up_rule(std::size_t i, Random& random) {
  RuleSpec rule;
  rule.id = "made_up." + std::to_string(i);
  rule.cause = static_cast<Cause>(1 + i % (kCauseCount - 1));
  const std::string words = words_of(i);
  const std::string number = in_letters(i);
  std::string text = words;
  switch (i % 9) {
    case 0:  // behind .*
      rule.match = "(?:error|code) [0-9a-z]+.*" + words.substr(0, words.find(" (")) + " \\(case " + number + "\\)";
      text = "error 4711k: " + words;
      break;
    case 1:  // behind a class
      rule.match = "[a-z]+[0-9]{2,9}[:;] ?" + words.substr(0, words.find(" (")) + " .case " + number + "\\)";
      text = "ref" + std::to_string(10 + i) + ": " + words;
      break;
    case 2:  // behind an alternation
      rule.match = "(?:sorry|apologies|regret)[,;] (?:" + words.substr(0, words.find(" (")) + "|host " + number +
                   " banned) .case " + number + "\\)";
      text = "sorry, " + words;
      break;
    default:
      rule.match = words.substr(0, words.find(" (")) + " \\(case " + number + "\\)";
  }
  RuleExample example;
  example.text = "550 5.7.1 " + std::string(i % 3 == 0 ? "[192.0.2.1] " : "") + text + ". " +
                 std::string(random.one_of(kFillers)) + " " + std::string(random.one_of(kFillers));
  rule.examples.push_back(example);
  return rule;
}

std::vector<std::string> examples_of(const std::vector<RuleSpec>& rules) {
  std::vector<std::string> replies;
  for (const RuleSpec& rule : rules) {
    for (const RuleExample& example : rule.examples) replies.push_back(example.text);
  }
  return replies;
}

// The value of "text" in a line of JSON; the line itself where there is none.
std::string reply_of(const std::string& line) {
  const std::size_t key = line.find("\"text\":");
  if (!line.starts_with('{') || key == std::string::npos) return line;
  std::string text;
  for (std::size_t at = line.find('"', key + 7) + 1; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
      text += line[at] == 'n' ? '\n' : line[at] == 't' ? ' ' : line[at];
    } else {
      text += line[at];
    }
  }
  return text;
}

std::vector<std::string> replies_from(const char* file) {
  std::ifstream in(file);
  if (!in) die(std::string("can't read ") + file);
  std::vector<std::string> replies;
  for (std::string line; std::getline(in, line);) replies.push_back(reply_of(line));
  return replies;
}

// Every reply gets an id, as most real ones have one; distinct ones differ in it, so they are no longer than the
// others.
void add_ids(std::vector<std::string>& replies) {
  for (std::size_t i = 0; i < replies.size(); ++i) replies[i] += " id=" + std::to_string(10'000'000'000'000'000 + i);
}

// Another reply of the same kind: other numbers in ids, hosts and addresses, the code in front kept.
void mutate(const std::string& reply, Random& random, std::string& out) {
  out = reply;
  for (std::size_t at = 10; at < out.size(); ++at) {
    const bool in_number = out[at] >= '0' && out[at] <= '9' && out[at - 1] >= '0' && out[at - 1] <= '9';
    if (in_number) out[at] = static_cast<char>('0' + random.below(10));
  }
}

struct Rates {
  double repeated = 0, distinct = 0;  // replies per CPU second
  double slow = 0, clock = 0;         // microseconds: of the slowest hundredth the fastest, what of it the clock takes
};

double microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // needs no system call, as the clock of CPU time does
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

double percentile(std::vector<double>& times, std::size_t of_hundred) {
  const auto place = times.begin() + static_cast<std::ptrdiff_t>(times.size() * of_hundred / 100);
  std::nth_element(times.begin(), place, times.end());
  return *place;
}

// How long single replies take.
template <class Classify>
void time_each(const std::vector<std::string>& replies, Classify classify, Rates& rates) {
  std::vector<double> times(kRepliesARound), clocks(kRepliesARound);
  for (double& time : clocks) {
    const double start = microseconds();
    time = microseconds() - start;
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double start = microseconds();
    classify(replies[i % replies.size()]);
    times[i] = microseconds() - start;
  }
  rates.slow = percentile(times, 99);
  rates.clock = percentile(clocks, 50);
}

Rates measure(Classifier& classifier, std::vector<std::string> replies, Random& random) {
  std::size_t sink = 0;
  const auto classify = [&](const std::string& text) {
    ReplyContext reply;
    reply.text = text;
    const Verdict verdict = classifier.classify(reply);
    sink += static_cast<std::size_t>(verdict.cause) + verdict.ip.size();
  };
  Rates rates;
  for (int round = 0; round < kRounds; ++round) {
    std::shuffle(replies.begin(), replies.end(), random.engine());
    const double start = cpu_seconds();
    for (std::size_t i = 0; i < kRepliesARound; ++i) classify(replies[i % replies.size()]);
    rates.repeated = std::max(rates.repeated, kRepliesARound / (cpu_seconds() - start));
  }
  time_each(replies, classify, rates);
  // Made in portions, so that they come neither from the cache nor all of them from memory at once.
  std::vector<std::string> portion(10'000);
  double spent = 0;
  for (std::size_t done = 0; done < kDistinct; done += portion.size()) {
    for (std::string& text : portion) mutate(random.one_of(replies), random, text);
    const double start = cpu_seconds();
    for (const std::string& text : portion) classify(text);
    spent += cpu_seconds() - start;
  }
  rates.distinct = kDistinct / spent;
  if (sink == 0) die("nothing was recognised");
  return rates;
}

// Replies per CPU second of one RE2::Set of all patterns.
double measure_set(const std::vector<RuleSpec>& rules, const std::vector<std::string>& replies, Random& random) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const RuleSpec& rule : rules) {
    if (!rule.match.empty()) set.Add(rule.match, nullptr);
  }
  if (!set.Compile()) return 0;
  std::vector<int> found;
  std::string text;
  std::size_t done = 0;
  double spent = 0;
  while (spent < 2.0) {
    mutate(random.one_of(replies), random, text);
    const double start = cpu_seconds();
    set.Match(text, &found);
    spent += cpu_seconds() - start;
    ++done;
  }
  return static_cast<double>(done) / spent;
}

// Each made-up reply must be decided by its own rule, before its speed means anything.
void check_answers(Classifier& classifier, const std::vector<RuleSpec>& rules) {
  for (const RuleSpec& rule : rules) {
    for (const RuleExample& example : rule.examples) {
      ReplyContext reply;
      reply.text = example.text;
      const Verdict verdict = classifier.classify(reply);
      if (verdict.rule != rule.id) die("\"" + example.text + "\" falls under " + std::string(verdict.rule));
    }
  }
}

void run(const char* title, const std::vector<RuleSpec>& rules, std::vector<std::string> replies,
         const std::shared_ptr<const Providers>& providers) {
  Random random;
  add_ids(replies);
  const double start = cpu_seconds();
  auto set = RuleSet::build(rules, *providers);
  if (!set) die(set.error().message);
  const double built = cpu_seconds() - start;
  Classifier classifier(*set, providers);
  if (rules.front().id.starts_with("made_up.")) check_answers(classifier, rules);
  constexpr std::size_t kMaxTableBytes = 32U << 20;
  if ((*set)->table_bytes() > kMaxTableBytes) die("the tables take more than 32 MiB");
  const Rates rates = measure(classifier, replies, random);
  const double by_set = measure_set(rules, replies, random);
  std::printf(
      "engine %s: %zu rules, %zu replies: %.0f/s per CPU second (best of %d), %.0f/s over %zu distinct ones (%.2f), "
      "99 of 100 take at most %.2f us (the clock's %.2f among them), RE2::Set %.0f/s (ratio %.0f), tables %.1f MiB, "
      "compiled in %.0f ms, %zu rules without literal\n",
      title, rules.size(), replies.size(), rates.repeated, kRounds, rates.distinct, kDistinct,
      rates.distinct / rates.repeated, rates.slow, rates.clock, by_set, rates.repeated / by_set,
      static_cast<double>((*set)->table_bytes()) / (1 << 20), built * 1e3, (*set)->without_literal().size());
}

}  // namespace

int main() {
  Random random;
  auto providers = Providers::build(shipped_providers(), default_internal_networks());
  if (!providers) die(providers.error().message);
  const char* file = std::getenv("REPLIES");

  std::vector<RuleSpec> made_up;
  for (std::size_t i = 0; i < 1000; ++i) made_up.push_back(made_up_rule(i, random));
  run("made-up rules", made_up, file == nullptr ? examples_of(made_up) : replies_from(file), *providers);

  const std::vector<RuleSpec> shipped = shipped_rules();
  run("shipped rules", shipped, file == nullptr ? examples_of(shipped) : replies_from(file), *providers);
  return 0;
}
