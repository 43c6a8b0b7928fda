#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/classify/rule_spec.h"

namespace dsnwatch::core {

// The shipped tables as the build writes them (daemon/rules_file/embed_tables.cc): constant data without constructors.
// A list is one text whose items each end with U+001F.

struct ProviderRow {
  std::string_view id, title, mx_suffixes, recipient_domains, reply_marks, postmaster_url, contact;
};

struct RuleRow {
  std::string_view id;
  int cause;
  std::string_view secondary;  ///< Names of causes.
  std::string_view provider, stage;
  int side;
  std::string_view enhanced_code, reply_code, code, match;
  std::string_view extract;  ///< Pairs of name and pattern.
  std::string_view blocklist;
  int action;
  bool decisive, tells_provider;
  int priority;
  std::string_view examples;  ///< Six items each: text, stage, side, provider, remote host, recipient domain.
  std::string_view reference, file;
  int line, column;
};

std::vector<ProviderSpec> unpack(std::span<const ProviderRow> rows);
std::vector<RuleSpec> unpack(std::span<const RuleRow> rows);

}  // namespace dsnwatch::core
