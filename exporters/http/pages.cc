#include "exporters/http/pages.h"

#include <utility>

namespace dsnwatch::exporters {

Handler healthy_page() {
  return [](const Request&) {
    Answer answer;
    answer.body = "healthy\n";
    return answer;
  };
}

Handler ready_page(std::function<std::string()> why_not) {
  return [why_not = std::move(why_not)](const Request&) {
    Answer answer;
    const std::string reason = why_not();
    answer.status = reason.empty() ? 200 : 503;
    answer.body = reason.empty() ? "ready\n" : "not ready: " + reason + "\n";
    return answer;
  };
}

Handler landing_page(std::string version) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>dsnwatch</title></head>\n"
      "<body><h1>dsnwatch " +
      version +
      "</h1>\n<p>Why mail is rejected, per provider, domain and IP.</p>\n<ul>\n"
      "<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n"
      "<li><a href=\"/-/healthy\">/-/healthy</a>: is the process alive?</li>\n"
      "<li><a href=\"/-/ready\">/-/ready</a>: are its sources open?</li>\n"
      "</ul></body></html>\n";
  return [page = std::move(page)](const Request&) {
    Answer answer;
    answer.content_type = "text/html; charset=utf-8";
    answer.body = page;
    return answer;
  };
}

}  // namespace dsnwatch::exporters
