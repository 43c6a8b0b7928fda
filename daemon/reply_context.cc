#include "daemon/reply_context.h"

namespace dsnwatch::daemon {

core::ReplyContext context_of(const core::RuleExample& reply, const core::Providers& providers) {
  core::ReplyContext context;
  context.text = reply.text;
  context.side = reply.side;
  context.stage = core::parse_stage(reply.stage).value_or(core::Stage::kUnknown);
  context.provider = providers.find(reply.provider);
  if (context.provider == core::kNoProvider) context.provider = providers.by_mx(reply.remote_host);
  if (context.provider == core::kOtherProvider) {
    context.provider = providers.by_recipient_domain(reply.recipient_domain);
  }
  return context;
}

}  // namespace dsnwatch::daemon
