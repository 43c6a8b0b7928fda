#pragma once

#include <cstdint>

#include "core/attempt.h"
#include "core/taxonomy.h"

namespace dsnwatch::core {

/// Which of several asserted causes is the primary one: the smaller place. The order is "authentication, lists,
/// reputation, content, access, rate, recipient, network, policy"; with an enhanced code of subject 1 to 6 the causes
/// of that subject come first, so that "550 5.1.1 no such user (spam filter x)" stays user_unknown. `subject` 0 or 7:
/// no preference.
std::uint8_t cause_place(Cause cause, int subject);

/// Whether an enhanced code of this subject speaks about the cause: the code then knows better than the words, which
/// may confuse sender and recipient. False for subjects without a preference.
bool is_of_subject(Cause cause, int subject);

/// What words may mean at a stage: before MAIL nothing about the message, the sender's authentication or a recipient
/// can have been judged.
enum class StageFit : std::uint8_t { kPossible, kUnlikely, kImpossible };
StageFit stage_fit(Cause cause, Stage stage);

}  // namespace dsnwatch::core
