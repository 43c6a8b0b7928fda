#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dsnwatch::core {

/// The candidate that a misspelt `name` most likely means: the smallest edit distance (insertions, deletions,
/// replacements, swaps of neighbours), at most a third of the name's length plus one; empty if none is near. For
/// messages only: costs length × length × candidates.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

/// `; did you mean "timezone"?`, or an empty string where nothing is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace dsnwatch::core
