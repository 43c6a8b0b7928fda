#pragma once

#include <optional>
#include <string>

#include "core/attempt.h"
#include "daemon/report/mask_reply.h"
#include "daemon/report/text_pool.h"

namespace dsnwatch::daemon {

/// An attempt's masked reply, made when a row first needs it: most rejections say what was seen before.
class Example {
 public:
  Example(const core::Attempt& attempt, TextPool& pool, std::string& scratch)
      : attempt_(attempt), pool_(pool), scratch_(scratch) {}

  TextId id() {
    if (!id_) {
      mask_reply(attempt_.text, {attempt_.recipient, attempt_.sender}, scratch_);
      id_ = pool_.keep(scratch_);
    }
    return *id_;
  }

 private:
  const core::Attempt& attempt_;
  TextPool& pool_;
  std::string& scratch_;
  std::optional<TextId> id_;
};

}  // namespace dsnwatch::daemon
