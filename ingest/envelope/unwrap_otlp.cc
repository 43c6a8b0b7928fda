// OTLP/JSON (opentelemetry-proto, logs/v1): {"resourceLogs": [{"resource": {"attributes": […]}, "scopeLogs":
// [{"logRecords": […]}]}]}; many records in one message, attributes as lists of {"key": …, "value": {…}}.

#include "ingest/envelope/unwrapper.h"

namespace dsnwatch::ingest {
namespace {

bool skip_value(JsonScanner& scanner) {
  JsonValue ignored;
  return scanner.read_value(ignored);
}

}  // namespace

bool Unwrapper::read_resource_logs(JsonScanner& scanner, const Context& outer, int depth) {
  return scanner.read_array([&] {
    RecordFields& resource = level(kResourceLevel);
    bool seen = false;
    std::string_view waiting;  // Scopes that stand before their resource.
    const bool read = scanner.read_object([&](const JsonValue& key) {
      if (key.text == "resource") {
        seen = true;
        return read_resource(scanner, resource);
      }
      if (key.text != "scopeLogs" && key.text != "instrumentationLibraryLogs") return skip_value(scanner);
      if (seen) return read_scopes(scanner, resource, outer, depth);
      JsonValue scopes;
      const bool skipped = scanner.read_value(scopes);
      waiting = scopes.text;
      return skipped;
    });
    if (!read || waiting.empty()) return read;
    JsonScanner scopes(waiting);
    return read_scopes(scopes, resource, outer, depth);
  });
}

bool Unwrapper::read_resource(JsonScanner& scanner, RecordFields& resource) {
  return scanner.read_object([&](const JsonValue& key) {
    return key.text == "attributes" && scanner.peek() == '[' ? resource.read_key_values(scanner) : skip_value(scanner);
  });
}

bool Unwrapper::read_scopes(JsonScanner& scanner, const RecordFields& resource, const Context& outer, int depth) {
  return scanner.read_array([&] {
    return scanner.read_object([&](const JsonValue& key) {
      if ((key.text != "logRecords" && key.text != "logs") || scanner.peek() != '[') return skip_value(scanner);
      return scanner.read_array([&] { return read_log_record(scanner, resource, outer, depth); });
    });
  });
}

bool Unwrapper::read_log_record(JsonScanner& scanner, const RecordFields& resource, const Context& outer, int depth) {
  RecordFields& fields = level(depth);
  const bool read = scanner.read_object([&](const JsonValue& key) {
    const char first = scanner.peek();
    if (key.text == "attributes" && first == '[') return fields.read_key_values(scanner);
    const RecordKeys::Entry* known = keys_->find(key.text);
    JsonValue value;
    const bool any_value = key.text == "body" && first == '{';
    if (!(any_value ? fields.read_any_value(scanner, value) : scanner.read_value(value))) return false;
    if (known != nullptr && known->slot != Slot::kNone && value.kind != JsonKind::kNone) fields.set(known->slot, value);
    return true;
  });
  if (!read) return false;
  fields.inherit(resource);
  use_record(fields, outer, depth);
  return true;
}

}  // namespace dsnwatch::ingest
