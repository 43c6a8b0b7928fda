#pragma once

#include <functional>
#include <string>

#include "exporters/http/route.h"

namespace dsnwatch::exporters {

/// "/-/healthy": 200 as long as the server answers at all.
Handler healthy_page();

/// "/-/ready": 200 if `why_not` returns nothing, else 503 with what it says.
Handler ready_page(std::function<std::string()> why_not);

/// "/": what this process is and where its pages are.
Handler landing_page(std::string version);

}  // namespace dsnwatch::exporters
