#pragma once

#include <string>
#include <vector>

#include "core/classify/pattern_program.h"

namespace dsnwatch::core {

/// Turns a syntax tree into a program. It is laid out from the end to the beginning, so that of each piece is known
/// what follows it, and with which bytes that can begin.
class PatternProgram::Layout {
 public:
  /// False if the program would become too large.
  bool lay_out(const PatternNode& root);

  PatternProgram program;

 private:
  // What a state can begin with. Too much is harmless: it spares less.
  struct First {
    ByteSet bytes;
    bool may_end = false;
  };
  // One of several alternatives: a text, and what stands behind it.
  static constexpr std::int16_t kNotLaid = -1;
  struct Branch {
    std::string lead;
    std::vector<const PatternNode*> rest;
  };

  std::int16_t add(State state);
  std::int16_t add_switch(const Switch& table);
  Switch table_of(const State& state) const;
  First first_of(const State& state) const;
  std::uint32_t set_number(const ByteSet& set);
  std::uint32_t pairs_number(std::int16_t state);
  void find_pairs(std::int16_t number, std::vector<bool>& seen, Pairs& pairs) const;

  std::int16_t lay(const PatternNode& node, std::int16_t next);
  static std::uint8_t condition_of(Assertion assertion) {
    return static_cast<std::uint8_t>(1 + static_cast<int>(assertion));
  }
  std::int16_t lay_assertion(Assertion assertion, std::int16_t next);
  std::int16_t lay_text(std::string_view text, std::int16_t next);
  std::int16_t lay_repeat(const PatternNode& node, std::int16_t next);
  std::int16_t lay_gap(const PatternNode& node, std::int16_t next);
  std::int16_t lay_branch(const Branch& branch, std::int16_t next);
  std::int16_t lay_branches(const std::vector<Branch>& branches, std::int16_t next);
  std::int16_t lay_alike(std::vector<Branch> branches, std::int16_t next);
  std::vector<std::int16_t> states_of(const std::vector<std::size_t>& viable, bool alike,
                                      const std::vector<Branch>& branches, const std::vector<std::int16_t>& laid,
                                      std::int16_t next);
  std::int16_t one_of(const std::vector<std::int16_t>& states);
  State choice(bool greedy, std::int16_t body, std::int16_t behind);

  const First& first(std::int16_t state) const { return firsts_[static_cast<std::size_t>(state)]; }

  std::vector<First> firsts_;  // by state
  bool too_large_ = false;
};

}  // namespace dsnwatch::core
