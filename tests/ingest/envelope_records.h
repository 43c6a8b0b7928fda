#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/format/format.h"

namespace dsnwatch::ingest {

/// One attempt as `host|service|seconds since the epoch|recipient|text`, "-" where the time is not known.
inline std::string in_short(const core::Attempt& attempt) {
  std::string out(attempt.host);
  out += '|';
  out += attempt.service;
  out += '|';
  out += attempt.time_us == core::kNoTime ? std::string("-") : std::to_string(attempt.time_us / 1'000'000);
  out += '|';
  out += attempt.recipient;
  out += '|';
  out += attempt.text;
  return out;
}

class AttemptsInShort final : public RecordSink {
 public:
  void consume(std::span<Record> records) override {
    for (const Record& record : records) {
      if (record.kind != RecordKind::kAttempt) {
        ++facts;
        continue;
      }
      lines.push_back(in_short(record.attempt));
      numbers.push_back(record.attempt.line);
    }
  }

  std::vector<std::string> lines;
  std::vector<std::uint64_t> numbers;  ///< Of the lines that the records stood on.
  int facts = 0;
};

/// In UTC, and years after the records' own time: a year can only be right if the envelope told it.
inline std::unique_ptr<Format> format_of_later_years(EnvelopeKeys keys = {}) {
  FormatSettings settings;
  settings.time.timezone = "UTC";
  settings.time.reference_us = 1'900'000'000'000'000;  // 2030
  settings.keys = std::move(keys);
  return *make_format("auto", settings);
}

/// The texts that records carry: @M@ stands for a message, @L@ for the line with its header (Nov 23 21:53:18, mta1,
/// postfix/smtp), both free of what JSON escapes.
inline std::string with_texts(std::string record) {
  const std::string message =
      "E73A2AF88BE: to=<a@x.test>, relay=none, delay=7.5, delays=1/2/3/4, dsn=4.4.1, status=deferred (no route)";
  const std::string line = "Nov 23 21:53:18 mta1 postfix/smtp[658]: " + message;
  for (const auto& [mark, text] : {std::pair("@M@", message), std::pair("@L@", line)}) {
    for (std::size_t at = record.find(mark); at != std::string::npos; at = record.find(mark, at + text.size()))
      record.replace(at, 3, text);
  }
  return record;
}

inline AttemptsInShort read_records(std::string_view text, EnvelopeKeys keys = {}) {
  AttemptsInShort attempts;
  const auto format = format_of_later_years(std::move(keys));
  format->parse(text, attempts);
  format->finish(attempts);
  return attempts;
}

}  // namespace dsnwatch::ingest
