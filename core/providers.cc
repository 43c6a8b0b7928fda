#include "core/providers.h"

#include <algorithm>
#include <unordered_map>

namespace dsnwatch::core {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, in text form

/// Lets the maps be asked with a view.
struct ViewHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using NameMap = std::unordered_map<std::string, ProviderId, ViewHash, std::equal_to<>>;

/// The name in lower case without its final dot, in `buffer`; empty if it is too long to be a name.
std::string_view lower_name(std::string_view name, char (&buffer)[kLongestName]) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.size() > kLongestName) return {};
  for (std::size_t i = 0; i < name.size(); ++i) {
    buffer[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
  }
  return {buffer, name.size()};
}

std::string_view domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

}  // namespace

struct Providers::Impl {
  std::vector<ProviderSpec> specs;  ///< The first two stand for other and internal.
  std::vector<IpNetwork> internal;
  NameMap ids, suffixes, domains;
};

Providers::Providers(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Providers::~Providers() = default;

Result<std::shared_ptr<const Providers>> Providers::build(std::span<const ProviderSpec> specs,
                                                          std::vector<IpNetwork> internal_networks,
                                                          const Providers* earlier) {
  auto impl = std::make_unique<Impl>();
  impl->internal = std::move(internal_networks);
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
      auto [entry, fresh] = map.emplace(name, id);
      if (fresh || entry->second == id) return {};
      return fail("the providers \"" + impl->specs[entry->second].id + "\" and \"" + spec.id + "\" both claim " + name);
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
  auto found = impl_->ids.find(id);
  return found == impl_->ids.end() ? kNoProvider : found->second;
}

ProviderId Providers::by_mx(std::string_view host) const {
  char buffer[kLongestName];
  std::string_view name = lower_name(host, buffer);
  while (!name.empty()) {
    if (auto found = impl_->suffixes.find(name); found != impl_->suffixes.end()) return found->second;
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  return kOtherProvider;
}

ProviderId Providers::by_recipient_domain(std::string_view domain) const {
  char buffer[kLongestName];
  auto found = impl_->domains.find(lower_name(domain, buffer));
  return found == impl_->domains.end() ? kOtherProvider : found->second;
}

ProviderId Providers::of(const Attempt& attempt) const {
  if (attempt.kind == Kind::kInbound) return kOtherProvider;
  if (attempt.local_transport) return kInternalProvider;
  const ProviderId by_server = of_server(attempt.remote_host, attempt.remote_ip);
  return by_server != kOtherProvider ? by_server : by_recipient_domain(domain_of(attempt.recipient));
}

ProviderId Providers::of_server(std::string_view host, std::string_view ip) const {
  if (const auto address = IpAddress::parse(ip)) {
    const bool internal = std::any_of(impl_->internal.begin(), impl_->internal.end(),
                                      [&](const IpNetwork& network) { return network.contains(*address); });
    if (internal) return kInternalProvider;
  }
  return host.empty() ? kOtherProvider : by_mx(host);
}

}  // namespace dsnwatch::core
