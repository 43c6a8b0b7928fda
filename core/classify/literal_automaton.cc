#include "core/classify/literal_automaton.h"

#include <algorithm>
#include <string_view>

namespace dsnwatch::core {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;

// The trie of the literals, its states in the order of their making.
struct Trie {
  explicit Trie(std::uint32_t columns) : width(columns) { add_state(); }

  std::uint32_t add_state() {
    const auto state = static_cast<std::uint32_t>(fail.size());
    next.resize(next.size() + width, kNone);
    fail.push_back(0);
    ends.emplace_back();
    return state;
  }
  std::uint32_t& at(std::uint32_t state, std::uint32_t column) {
    return next[static_cast<std::size_t>(state) * width + column];
  }

  std::uint32_t width;
  std::vector<std::uint32_t> next;
  std::vector<std::uint32_t> fail;               // the state of the longest proper suffix
  std::vector<std::vector<std::uint32_t>> ends;  // the literals that end here, those of the suffixes included
};

// Works out the transitions that are missing, breadth first, so that a state's suffix is complete before the state.
// Returns the states in this order.
std::vector<std::uint32_t> complete(Trie& trie) {
  std::vector<std::uint32_t> queue = {0};
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t state = queue[head];
    for (std::uint32_t column = 0; column < trie.width; ++column) {
      const std::uint32_t beside = state == 0 ? 0 : trie.at(trie.fail[state], column);
      std::uint32_t& target = trie.at(state, column);
      if (target == kNone) {
        target = beside;
        continue;
      }
      trie.fail[target] = beside;
      const auto& inherited = trie.ends[beside];
      trie.ends[target].insert(trie.ends[target].end(), inherited.begin(), inherited.end());
      queue.push_back(target);
    }
  }
  return queue;
}

// How often the samples meet each state.
std::vector<std::uint32_t> visits_of(Trie& trie, std::span<const std::string> samples,
                                     const std::array<std::uint8_t, 256>& columns) {
  std::vector<std::uint32_t> visits(trie.fail.size());
  for (const std::string& sample : samples) {
    std::uint32_t state = 0;
    for (const char c : sample) {
      state = trie.at(state, columns[static_cast<unsigned char>(c)]);
      ++visits[state];
    }
  }
  return visits;
}

// Columns `first` to `last` of all rows, in their new order.
template <class State>
std::vector<State> rows_of(Trie& trie, const std::vector<std::uint32_t>& order, std::uint32_t first, std::uint32_t last,
                           std::size_t width) {
  std::vector<std::uint32_t> place(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<State> rows(order.size() * width);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::uint32_t column = first; column < last; ++column) {
      rows[i * width + column - first] = static_cast<State>(place[trie.at(order[i], column)]);
    }
  }
  return rows;
}

// Gives each byte that a literal holds a column, the usual bytes of a sentence the first ones: so most look-ups of a
// row touch one cache line of it. Column 0 is for all other bytes. Returns the number of columns.
std::uint32_t assign_columns(std::span<const std::string> literals, std::array<std::uint8_t, 256>& columns) {
  constexpr std::string_view kUsual = " etaoinsrldcumphfgyb.wv-k";
  std::array<bool, 256> used{};
  for (const std::string& literal : literals) {
    for (const char c : literal) used[static_cast<unsigned char>(c)] = true;
  }
  std::uint32_t width = 1;
  const auto assign = [&](unsigned char byte) {
    if (used[byte] && columns[byte] == 0) columns[byte] = static_cast<std::uint8_t>(width++);
  };
  for (const char c : kUsual) assign(static_cast<unsigned char>(c));
  for (std::size_t byte = 0; byte < used.size(); ++byte) assign(static_cast<unsigned char>(byte));
  return width;
}

}  // namespace

LiteralAutomaton::LiteralAutomaton(std::span<const std::string> literals, std::span<const std::string> samples) {
  if (literals.empty()) return;
  const std::uint32_t width = assign_columns(literals, column_);
  Trie trie(width);
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    std::uint32_t state = 0;
    for (const char c : literals[i]) {
      const std::uint32_t column = column_[static_cast<unsigned char>(c)];
      if (trie.at(state, column) == kNone) {
        const std::uint32_t fresh = trie.add_state();  // may move the table
        trie.at(state, column) = fresh;
      }
      state = trie.at(state, column);
    }
    trie.ends[state].push_back(i);
  }
  std::vector<std::uint32_t> order = complete(trie);
  const std::vector<std::uint32_t> visits = visits_of(trie, samples, column_);
  std::stable_sort(order.begin() + 1, order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return visits[a] > visits[b]; });  // the root stays first
  const auto outputs =
      std::stable_partition(order.begin(), order.end(), [&](std::uint32_t state) { return trie.ends[state].empty(); });
  first_output_ = static_cast<std::size_t>(outputs - order.begin());
  for (auto state = outputs; state != order.end(); ++state) {
    output_begin_.push_back(static_cast<std::uint32_t>(outputs_.size()));
    outputs_.insert(outputs_.end(), trie.ends[*state].begin(), trie.ends[*state].end());
  }
  output_begin_.push_back(static_cast<std::uint32_t>(outputs_.size()));
  const std::uint32_t usual = std::min<std::uint32_t>(width, kUsualColumns);
  rare_columns_ = width - usual;
  const auto fill = [&]<class State>(Table<State>& table) {
    table.usual = rows_of<State>(trie, order, 0, usual, kUsualColumns);
    table.rare = rows_of<State>(trie, order, usual, width, rare_columns_);
  };
  if (order.size() <= 0x10000) {
    fill(narrow_);
  } else {
    fill(wide_);
  }
}

std::size_t LiteralAutomaton::table_bytes() const {
  return sizeof(column_) + (narrow_.usual.size() + narrow_.rare.size()) * sizeof(std::uint16_t) +
         (wide_.usual.size() + wide_.rare.size() + output_begin_.size() + outputs_.size()) * sizeof(std::uint32_t);
}

}  // namespace dsnwatch::core
