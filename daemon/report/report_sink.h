#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/attempt.h"
#include "core/classify/verdict.h"
#include "daemon/report/report.h"
#include "daemon/time_window.h"
#include "ingest/record.h"

namespace dsnwatch::daemon {

/// Sums attempts up: the sink of daemon/pipeline.h for `report`. Allocates only for keys and texts that are new. Not
/// thread-safe.
class ReportSink {
 public:
  ReportSink(Report& report, TimeWindow window);

  /// What will come next.
  void expect(std::span<const ingest::Record> records);

  void on_attempt(const core::Attempt& attempt, const core::Verdict& verdict);

  /// Times of the attempts seen since the last call, for the order of files.
  struct Span {
    std::int64_t first_us = core::kNoTime;
    std::int64_t last_us = core::kNoTime;
  };
  Span take_span();

 private:
  void add_outbound(const core::Attempt& attempt, const RowTable::Sought& domain, const core::Verdict& verdict);
  void add_inbound(const core::Attempt& attempt, const core::Verdict& verdict);
  void add_finding(const Outcome& outcome, core::ProviderId provider, const core::Verdict& verdict);
  void note_time(std::int64_t time_us);
  RowTable::Sought recipient_domain(const core::Attempt& attempt);
  Row& domain_row(const core::Attempt& attempt, const RowTable::Sought& domain);
  Row& sender_row(const core::Attempt& attempt, const RowTable::Sought& domain);
  Row& provider_row(core::ProviderId provider);
  Row& cause_row(core::Cause cause);
  Row& enhanced_row(core::EnhancedStatus status);

  Report& report_;
  TimeWindow window_;
  Span span_;
  std::vector<Row*> provider_rows_;
  std::array<Row*, core::kCauseCount> cause_rows_{};
  std::vector<std::array<Finding*, core::kCauseCount>> findings_;  // by provider
  struct StatusRow {
    std::uint32_t status = 0;
    Row* row = nullptr;
  };
  std::array<StatusRow, 61> status_rows_{};  // of the status seen last of those that share a place
  std::string masked_;

  /// A refusal by our own server, and the row of its masked reply.
  struct SeenRefusal {
    std::string text, recipient, sender;
    Row* row = nullptr;

    bool is(const core::Attempt& attempt) const;
  };
  SeenRefusal last_refusal_;

  /// An attempt that was announced, and what its domain is looked up by.
  struct Expected {
    std::string_view recipient;
    RowTable::Sought domain;
    bool rejected = false;
  };
  std::array<Expected, 64> expected_;
  std::size_t expected_count_ = 0, next_expected_ = 0;
};

}  // namespace dsnwatch::daemon
