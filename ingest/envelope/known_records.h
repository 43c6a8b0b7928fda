#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/envelope/record_layout.h"
#include "ingest/envelope/record_plan.h"

namespace dsnwatch::ingest {

/// The few layouts that most records of one source have. Of a source whose records have none, or too many, asking and
/// learning end soon, and are tried again more and more rarely.
class KnownRecords {
 public:
  /// False while find() is not worth a call.
  bool worth_asking() const { return trust_ > 0; }

  /// The plan for the record at the head of `bytes`, if its layout is known: its values then, and what is behind it.
  const RecordPlan* find(std::string_view bytes, RecordLayout::Values& values, const char*& behind);

  /// What find() said was of use, or not.
  void judge(bool useful) {
    if (!useful) {
      --trust_;
      return;
    }
    if (trust_ < kMostTrust) trust_ += 2;
    if (++known_[last_].useful % kUsefulForLesson == 0 && lessons_ < kMostLessons) ++lessons_;
  }

  /// A record that has gone the long way, and was readable.
  void learn(std::string_view record, const RecordKeys& keys) {
    if (trust_ > 0 ? missed_ && lessons_ > 0 : ++rested_ >= pause_) learn_missed(record, keys);
  }

 private:
  struct Known {
    RecordLayout layout;
    RecordPlan plan;
    unsigned useful = 0;
  };

  static constexpr std::size_t kMost = 4;
  static constexpr int kMostTrust = 64, kNewTrust = 16, kMostLessons = 32, kNewLessons = 3;
  static constexpr unsigned kUsefulForLesson = 256, kFirstPause = 256, kLongestPause = 16384;

  void learn_missed(std::string_view record, const RecordKeys& keys);
  Known& place_for_new();

  std::vector<Known> known_;
  std::size_t last_ = 0;  // The one that was found last.
  bool missed_ = true;    // The record that comes has none of the layouts.
  int trust_ = kMostTrust;
  int lessons_ = kMostLessons;    // What learning may still cost.
  unsigned pause_ = kFirstPause;  // So many records are not learnt from once there is no trust,
  unsigned rested_ = 0;           // and these have been.
};

}  // namespace dsnwatch::ingest
