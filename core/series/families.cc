#include "core/series/families.h"

namespace dsnwatch::core {
namespace {

using Labels = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kAttemptLabels = {"mta", "provider", "result"};
constexpr std::array<std::string_view, 5> kRejectionLabels = {"mta", "provider", "result", "enhanced_code", "cause"};
constexpr std::array<std::string_view, 3> kQueueLabels = {"mta", "provider", "cause"};
constexpr std::array<std::string_view, 3> kDomainAttemptLabels = {"provider", "domain", "result"};
constexpr std::array<std::string_view, 5> kDomainRejectionLabels = {"provider", "domain", "result", "enhanced_code",
                                                                    "cause"};
constexpr std::array<std::string_view, 3> kIpAttemptLabels = {"source_ip", "provider", "result"};
constexpr std::array<std::string_view, 5> kIpRejectionLabels = {"source_ip", "provider", "result", "enhanced_code",
                                                                "cause"};
constexpr std::array<std::string_view, 3> kSenderAttemptLabels = {"sender_domain", "provider", "result"};
constexpr std::array<std::string_view, 5> kSenderRejectionLabels = {"sender_domain", "provider", "result",
                                                                    "enhanced_code", "cause"};
constexpr std::array<std::string_view, 3> kStreamAttemptLabels = {"stream", "provider", "result"};
constexpr std::array<std::string_view, 5> kStreamRejectionLabels = {"stream", "provider", "result", "enhanced_code",
                                                                    "cause"};
constexpr std::array<std::string_view, 2> kBlocklistLabels = {"blocklist", "source_ip"};
constexpr std::array<std::string_view, 4> kInboundLabels = {"mta", "result", "enhanced_code", "cause"};
constexpr std::array<std::string_view, 4> kDsnLabels = {"provider", "result", "enhanced_code", "cause"};
constexpr std::array<std::string_view, 2> kComplaintLabels = {"provider", "kind"};
constexpr std::array<std::string_view, 2> kDelayLabels = {"provider", "result"};
constexpr std::array<std::string_view, 1> kUnclassifiedLabels = {"mta"};
constexpr std::array<std::string_view, 1> kHostLabel = {"host"};
constexpr std::array<std::string_view, 1> kClientIpLabel = {"client_ip"};

// In the order of the enumeration.
constexpr std::array<FamilyInfo, kFamilyCount> kFamilies = {{
    {"dsnwatch_attempts_total", "counter",
     "Delivery attempts, one per recipient, by what the MTA did with the message. Suspended and expired ones are none.",
     kAttemptLabels, kHostLabel},
    {"dsnwatch_rejections_total", "counter",
     "Delivery attempts that ended deferred or bounced, by enhanced status code and cause.", kRejectionLabels,
     kHostLabel},
    {"dsnwatch_expired_total", "counter",
     "Recipients given up after the queue lifetime, by the cause of their last deferral.", kQueueLabels, Labels()},
    {"dsnwatch_suspended_total", "counter",
     "Recipients put off without trying because the destination is down or refuses the host, by the quoted cause.",
     kQueueLabels, Labels()},
    {"dsnwatch_domain_attempts_total", "counter", "Delivery attempts by recipient domain.", kDomainAttemptLabels,
     Labels()},
    {"dsnwatch_domain_rejections_total", "counter", "Deferred and bounced attempts by recipient domain.",
     kDomainRejectionLabels, Labels()},
    {"dsnwatch_ip_attempts_total", "counter",
     "Delivery attempts by the IP that they were sent from. An IP known only from reply texts has rejections only.",
     kIpAttemptLabels, Labels()},
    {"dsnwatch_ip_rejections_total", "counter", "Deferred and bounced attempts by the IP that they were sent from.",
     kIpRejectionLabels, Labels()},
    {"dsnwatch_sender_attempts_total", "counter",
     "Delivery attempts by envelope sender domain; the null sender is <>, a sender that no line named is unknown.",
     kSenderAttemptLabels, Labels()},
    {"dsnwatch_sender_rejections_total", "counter", "Deferred and bounced attempts by envelope sender domain.",
     kSenderRejectionLabels, Labels()},
    {"dsnwatch_stream_attempts_total", "counter",
     "Delivery attempts by stream: the pool, tenant, campaign or account, as the configuration chooses.",
     kStreamAttemptLabels, Labels()},
    {"dsnwatch_stream_rejections_total", "counter", "Deferred and bounced attempts by stream.", kStreamRejectionLabels,
     Labels()},
    {"dsnwatch_blocklist_rejections_total", "counter",
     "Deferred and bounced attempts whose reply names a public block list.", kBlocklistLabels, Labels()},
    {"dsnwatch_inbound_rejections_total", "counter", "Clients that our own MTA refused.", kInboundLabels,
     kClientIpLabel},
    {"dsnwatch_dsn_rejections_total", "counter",
     "Failed recipients that bounce mails report; never part of dsnwatch_rejections_total.", kDsnLabels, Labels()},
    {"dsnwatch_complaints_total", "counter", "Complaints of recipients that feedback reports (ARF) bring.",
     kComplaintLabels, Labels()},
    {"dsnwatch_delivery_delay_seconds", "histogram",
     "Time from the arrival of a message to the end of the delivery attempt.", kDelayLabels, Labels()},
    {"dsnwatch_unclassified_total", "counter",
     "Rejections, outbound and inbound, whose cause no rule and no code tells (cause unknown).", kUnclassifiedLabels,
     Labels()},
}};

}  // namespace

const FamilyInfo& info(Family family) {
  return kFamilies[static_cast<std::size_t>(family)];
}

}  // namespace dsnwatch::core
