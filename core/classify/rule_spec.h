#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/providers.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Whose words a rule is about: the remote server's, our own MTA's, or either's.
enum class Side : std::uint8_t { kAny, kRemote, kLocal };

/// A reply that a rule must win, with the hints that it needs.
struct RuleExample {
  std::string text;
  std::string stage;  ///< As in RuleSpec::stage; empty: not known.
  Side side = Side::kAny;
  std::string provider;  ///< Provider id.
  std::string remote_host;
  std::string recipient_domain;
};

/// One rule as its YAML file states it (design section 7); not yet checked.
struct RuleSpec {
  std::string id;  ///< Unique, dotted: "google.unauthenticated".
  Cause cause = Cause::kUnknown;
  std::vector<Cause> secondary;    ///< Further causes that the text asserts.
  std::string provider;            ///< Provider id; empty: any.
  std::vector<std::string> stage;  ///< "connect", "helo", "mail", "rcpt", "data", "eod"; empty: any.
  Side side = Side::kAny;
  std::vector<std::string> enhanced_code;  ///< "5.7.26", "5.7.x", "x.7.1"; empty: any.
  std::vector<std::string> reply_code;     ///< "550", "5xx"; empty: any.
  std::string code;                        ///< The vendor's own code that the pattern stands for ("S3150"); optional.
  std::string match;                       ///< RE2, case-insensitive, on the normalised reply.
  std::vector<std::pair<std::string, std::string>>
      extract;                    ///< ip, domain, url, wait, blocklist, code → RE2 with one group.
  std::string blocklist;          ///< Id of the public list that the rule is about; optional.
  Action action = Action::kNone;  ///< kNone: the cause's default.
  bool decisive = false;          ///< Of a status rule: only asserting words beat it.
  bool tells_provider = false;    ///< `provider` is what the rule tells, not a condition.
  int priority = 0;               ///< Breaks ties within a tier; higher wins.
  std::vector<RuleExample> examples;
  std::string reference;

  std::string file;  ///< Where it stands, for messages.
  int line = 0, column = 0;
};

/// The rules and providers that are built in (generated from core/rules/*.yaml and core/providers.yaml).
std::vector<RuleSpec> shipped_rules();
std::vector<ProviderSpec> shipped_providers();

}  // namespace dsnwatch::core
