#!/usr/bin/env python3
"""Every metric and label that alert rules, dashboards, runbooks and documents name exists in `dsnwatch metrics list`; docs/metrics.md
is what that list says. Alerts, runbooks and dashboards point at each other, and at things that are there.

Usage: tests/deploy/catalogue_test.py --binary DSNWATCH [--write]     --write makes docs/metrics.md anew
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs/metrics.md")
# What Prometheus itself adds.
TARGET_LABELS = {"job", "instance", "le", "namespace", "pod", "node", "container"}
ALERT_LABELS = {"alertname", "alertstate", "severity"}
FROM_PROMETHEUS = {"up": set(), "ALERTS": ALERT_LABELS}
ANNOTATIONS = ("summary", "description", "first_step", "runbook_url", "dashboard_url")
SELECTOR = re.compile(r"(?<![\w:/.-])((?:dsnwatch|process)_[a-z0-9_]+|ALERTS)\b(?!\.(?:yml|md|test|json))(?:\{([^{}]*)\})?")
MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*(?:\\?\"|%q)")
GROUPING = re.compile(r"\b(?:by|on|without|group_left|ignoring)\s*\(([^()]*)\)")
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def catalogue(binary):
    listed = subprocess.run([binary, "metrics", "list", "--format", "json"], capture_output=True, check=True, timeout=30).stdout
    return json.loads(listed)


def known(metrics):
    """{name as it is queried: labels}"""
    found = dict(FROM_PROMETHEUS)
    for metric in metrics:
        labels = set(metric["labels"]) | set(metric["optional_labels"])
        names = [metric["name"]] if metric["type"] != "histogram" else [metric["name"] + end for end in ("_bucket", "_sum", "_count")]
        found.update({name: labels for name in names})
        found.setdefault(metric["name"], labels)
    return found


def recorded():
    """Recorded series and the labels their names promise: job_provider:... has job and provider."""
    found = {}
    for path in glob.glob(os.path.join(ROOT, "deploy/prometheus/rules/*.yml")):
        with open(path, encoding="utf-8") as text:
            found.update({name: set(name.split(":")[0].split("_")) for name in re.findall(r"- record: (\S+)", text.read())})
    return found


def page(metrics):
    lines = ["# Metrics", "", "<!-- Made from `dsnwatch metrics list` by tests/deploy/catalogue_test.py --write. -->", "",
             "What `/metrics` serves. Labels in brackets are there only if the configuration asks for them (`labels`). Mail counters are durable: they",
             "survive a restart and a crash, and a record counts once; the daemon's own (`dsnwatch_source_`, `dsnwatch_checkpoint_`, ...) begin with the process.",
             "How many series that makes, and what `other` means: [tuning](tuning.md).", "", "| metric | type | labels | |", "|---|---|---|---|"]
    for metric in metrics:
        labels = [f"`{label}`" for label in metric["labels"]] + [f"[`{label}`]" for label in metric["optional_labels"]]
        text = metric["help"].replace("<>", "`<>`").replace("|", "\\|")
        lines.append(f"| `{metric['name']}` | {metric['type']} | {', '.join(labels)} | {text} |")
    return "\n".join(lines) + "\n"


def sources():
    """(path, line number or panel, text) of everything that names metrics."""
    for pattern in ("deploy/prometheus/rules/*.yml", "deploy/runbooks/*.md", "docs/*.md", "README.md", "deploy/**/*.md", "deploy/alertmanager/*.yml"):
        for path in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True)):
            with open(path, encoding="utf-8") as text:
                yield os.path.relpath(path, ROOT), text.read()
    for path in sorted(glob.glob(os.path.join(ROOT, "deploy/grafana/dashboards/*.json"))):
        with open(path, encoding="utf-8") as text:
            yield os.path.relpath(path, ROOT), "\n".join(expressions(json.load(text)))


def expressions(node):
    """Queries and legends, wherever they stand in a dashboard."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query", "definition", "legendFormat") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def unknown_names(metrics):
    families, series = known(metrics), recorded()
    # The Kafka source brings its metrics with it; rules for it may be there first.
    kafka = any(metric["name"].startswith("dsnwatch_kafka_") for metric in metrics)
    every_label = set().union(*families.values(), TARGET_LABELS, ALERT_LABELS)
    for path, text in sources():
        text = text.replace("\\", "")
        for name, matchers in SELECTOR.findall(text):
            if name.endswith("_") or (name.startswith("dsnwatch_kafka_") and not kafka):
                continue  # `dsnwatch_source_` in prose stands for a group
            if name not in families:
                yield f"{path}: {name} is not in `dsnwatch metrics list`"
                continue
            for label in MATCHER.findall(matchers):
                if label not in families[name] | TARGET_LABELS:
                    yield f"{path}: {name} has no label {label}"
        for name in re.findall(r"\b(?:[a-z_]+:dsnwatch_\w+:\w+)", text):
            if name not in series:
                yield f"{path}: no rule records {name}"
        for labels in GROUPING.findall(text) if not path.endswith("metrics.md") else ():
            for label in filter(None, (label.strip() for label in labels.split(","))):
                if re.fullmatch(r"\w+", label) and label not in every_label:
                    yield f"{path}: no metric has the label {label}"
        for label in LEGEND.findall(text) if path.endswith(".json") else ():
            if label not in every_label:
                yield f"{path}: no metric has the label {label} of a legend"


def alerts():
    """(alert, its block of text)"""
    for path in sorted(glob.glob(os.path.join(ROOT, "deploy/prometheus/rules/*.yml"))):
        with open(path, encoding="utf-8") as text:
            for block in re.split(r"\n(?=\s+- (?:alert|record): )", text.read()):
                name = re.match(r"\s+- alert: (\w+)", block)
                if name:
                    yield name.group(1), block


def broken_pointers():
    runbooks = {os.path.basename(path)[:-3] for path in glob.glob(os.path.join(ROOT, "deploy/runbooks/Dsnwatch*.md"))}
    dashboards = {}
    for path in glob.glob(os.path.join(ROOT, "deploy/grafana/dashboards/*.json")):
        with open(path, encoding="utf-8") as text:
            board = json.load(text)
        dashboards[board["uid"]] = {variable["name"] for variable in board["templating"]["list"]}
    names = set()
    for name, block in alerts():
        names.add(name)
        for annotation in ANNOTATIONS:
            if not re.search(rf"^          {annotation}: \S", block, re.M):
                yield f"{name}: no annotation {annotation}"
        if "$value" in block.split("annotations:")[0]:
            yield f"{name}: $value outside of annotations; a label that changes begins `for` anew"
        target = re.search(r"runbook_url: https://example\.org/dsnwatch/runbooks/(\w+)\.md$", block, re.M)
        if not target or target.group(1) != name or name not in runbooks:
            yield f"{name}: its runbook must be deploy/runbooks/{name}.md"
        uid, variables = re.search(r"dashboard_url: https://example\.org/d/([\w-]+)\??(.*)", block).groups()
        if dashboards and uid not in dashboards:
            yield f"{name}: no dashboard has the uid {uid}"
        for variable in re.findall(r"var-(\w+)=", variables) if dashboards else ():
            if variable not in dashboards.get(uid, ()):
                yield f"{name}: dashboard {uid} has no variable {variable}"
    for name in runbooks - names:
        yield f"deploy/runbooks/{name}.md: no such alert"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    metrics = catalogue(arguments.binary)
    if arguments.write:
        with open(PAGE, "w", encoding="utf-8") as out:
            out.write(page(metrics))
    problems = [*unknown_names(metrics), *broken_pointers()]
    with open(PAGE, encoding="utf-8") as text:
        if text.read() != page(metrics):
            problems.append("docs/metrics.md is out of date: tests/deploy/catalogue_test.py --binary DSNWATCH --write")
    for problem in problems:
        print(problem)
    print(f"{len(metrics)} metrics, {len(list(sources()))} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
