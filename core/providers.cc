#include "core/providers.h"

#include <algorithm>
#include <bitset>
#include <unordered_map>

#include "core/address.h"
#include "core/name_map.h"

namespace dsnwatch::core {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, in text form

// Without the final dot; nothing if it is too long to be a name.
std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name.size() > kLongestName ? std::string_view() : name;
}

}  // namespace

struct Providers::Impl {
  std::vector<ProviderSpec> specs;  ///< The first two stand for other and internal.
  std::vector<IpNetwork> internal;
  std::bitset<256> internal_v4;  ///< The first numbers of IPv4 addresses that may lie in one.
  NameMap suffixes, domains;
  std::unordered_map<std::string, ProviderId> ids;

  void note_internal(IpNetwork network);
  /// False only for what lies in no internal network: spares reading most addresses.
  bool may_be_internal(std::string_view ip) const;
};

void Providers::Impl::note_internal(IpNetwork network) {
  constexpr int kFirstNumber = 104;  // bits of a mapped address up to the first number
  network.prefix = std::min(network.prefix, kFirstNumber);
  for (std::size_t number = 0; number < internal_v4.size(); ++number) {
    const auto address = IpAddress::parse(std::to_string(number) + ".0.0.0");
    if (address && network.contains(*address)) internal_v4.set(number);
  }
}

bool Providers::Impl::may_be_internal(std::string_view ip) const {
  std::size_t first = 0, at = 0;
  for (; at < ip.size() && at < 3 && ip[at] >= '0' && ip[at] <= '9'; ++at) {
    first = first * 10 + static_cast<std::size_t>(ip[at] - '0');
  }
  const bool dotted = at > 0 && at < ip.size() && ip[at] == '.';
  return dotted ? first < internal_v4.size() && internal_v4[first] : !ip.empty();
}

Providers::Providers(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Providers::~Providers() = default;

Result<std::shared_ptr<const Providers>> Providers::build(std::span<const ProviderSpec> specs,
                                                          std::vector<IpNetwork> internal_networks,
                                                          const Providers* earlier) {
  auto impl = std::make_unique<Impl>();
  impl->internal = std::move(internal_networks);
  for (const IpNetwork& network : impl->internal) impl->note_internal(network);
  impl->specs.resize(2);
  impl->specs[kOtherProvider].id = "other";
  impl->specs[kInternalProvider].id = "internal";
  impl->ids = {{"other", kOtherProvider}, {"internal", kInternalProvider}};
  std::unordered_map<std::string_view, ProviderId> numbers;
  for (std::size_t i = impl->specs.size(); earlier != nullptr && i < earlier->size(); ++i) {
    numbers.emplace(earlier->impl_->specs[i].id, static_cast<ProviderId>(i));
    impl->specs.emplace_back().id = earlier->impl_->specs[i].id;
  }
  for (const ProviderSpec& spec : specs) {
    const auto known = numbers.find(spec.id);
    const std::size_t number = known == numbers.end() ? impl->specs.size() : known->second;
    if (number >= kNoProvider) return fail("too many providers");
    const auto id = static_cast<ProviderId>(number);
    if (!impl->ids.emplace(spec.id, id).second) return fail("the provider \"" + spec.id + "\" stands twice");
    if (number == impl->specs.size()) impl->specs.emplace_back();
    impl->specs[number] = spec;
    auto claim = [&](NameMap& map, const std::string& name) -> Result<void> {
      const auto [owner, fresh] = map.add(name, id);
      if (fresh || owner == id) return {};
      return fail("the providers \"" + impl->specs[owner].id + "\" and \"" + spec.id + "\" both claim " + name);
    };
    for (const std::string& name : spec.mx_suffixes) {
      if (auto done = claim(impl->suffixes, name); !done) return tl::unexpected(done.error());
    }
    for (const std::string& name : spec.recipient_domains) {
      if (auto done = claim(impl->domains, name); !done) return tl::unexpected(done.error());
    }
  }
  return std::shared_ptr<const Providers>(new Providers(std::move(impl)));
}

std::size_t Providers::size() const {
  return impl_->specs.size();
}

std::string_view Providers::id(ProviderId provider) const {
  return impl_->specs[provider < impl_->specs.size() ? provider : kOtherProvider].id;
}

const ProviderSpec* Providers::spec(ProviderId provider) const {
  return provider <= kInternalProvider || provider >= impl_->specs.size() ? nullptr : &impl_->specs[provider];
}

ProviderId Providers::find(std::string_view id) const {
  const auto found = impl_->ids.find(std::string(id));
  return found == impl_->ids.end() ? kNoProvider : found->second;
}

ProviderId Providers::by_mx(std::string_view host) const {
  return impl_->suffixes.longest_suffix(without_dot(host)).value_or(kOtherProvider);
}

ProviderId Providers::by_recipient_domain(std::string_view domain) const {
  return impl_->domains.whole(without_dot(domain)).value_or(kOtherProvider);
}

ProviderId Providers::of(const Attempt& attempt) const {
  if (attempt.kind == Kind::kInbound) return kOtherProvider;
  if (attempt.local_transport) return kInternalProvider;
  const ProviderId by_server = of_server(attempt.remote_host, attempt.remote_ip);
  return by_server != kOtherProvider ? by_server : by_recipient_domain(domain_of(attempt.recipient));
}

ProviderId Providers::of_server(std::string_view host, std::string_view ip) const {
  if (impl_->may_be_internal(ip)) {
    const auto address = IpAddress::parse(ip);
    const bool internal = address && std::any_of(impl_->internal.begin(), impl_->internal.end(),
                                                 [&](const IpNetwork& network) { return network.contains(*address); });
    if (internal) return kInternalProvider;
  }
  return host.empty() ? kOtherProvider : by_mx(host);
}

}  // namespace dsnwatch::core
