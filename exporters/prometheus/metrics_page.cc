#include "exporters/prometheus/metrics_page.h"

#include <utility>

#include "exporters/prometheus/render.h"
#include "exporters/prometheus/text_format.h"

namespace dsnwatch::exporters {

Handler metrics_page(HealthMetrics& health, LatestSnapshot latest, ShownToPrometheus shown) {
  return [&health, latest = std::move(latest), shown = std::move(shown)](const Request& request) {
    Answer answer;
    answer.content_type = kTextContentType;
    answer.compressible = true;
    const std::shared_ptr<const core::Snapshot> snapshot = latest();
    if (snapshot) {
      render_mail_families(*snapshot, request.from_prometheus ? Audience::kPrometheus : Audience::kPerson, answer.body);
      health.set_label_use(snapshot->label_use);
      if (request.from_prometheus && shown) answer.delivered = [&shown, snapshot] { shown(snapshot); };
    }
    health.render(answer.body);
    return answer;
  };
}

}  // namespace dsnwatch::exporters
