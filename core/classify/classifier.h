#pragma once

#include <memory>
#include <string_view>

#include "core/classify/verdict.h"
#include "core/providers.h"

namespace dsnwatch::core {

class RuleSet;

/// Reads replies. One per worker: it owns the scratch memory that the verdict's views point into; not thread-safe.
/// A call neither allocates (after the first few) nor locks; its time is linear in the length of the text.
class Classifier {
 public:
  Classifier(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Providers> providers);
  ~Classifier();
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;

  Verdict classify(const ReplyContext& reply);

  /// Fills the context from an attempt (side, stage, codes, provider) and classifies its text. A delivered attempt gets
  /// a verdict with its provider and codes but without a cause.
  Verdict classify(const Attempt& attempt);

  /// Takes other rules, and the providers that they were built with, from the next call on (reload).
  void set_rules(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Providers> providers);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dsnwatch::core
