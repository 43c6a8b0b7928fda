#include "core/classify/verdict.h"

namespace dsnwatch::core {

std::string_view name(ReplyClass klass) {
  switch (klass) {
    case ReplyClass::kNone:
      return "";
    case ReplyClass::kTransient:
      return "transient";
    case ReplyClass::kPermanent:
      return "permanent";
  }
  return "";
}

}  // namespace dsnwatch::core
