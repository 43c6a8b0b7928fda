#!/usr/bin/env python3
"""The shipped alerts under promtool: for each a case that fires with exactly these labels and annotations and one that must
not; for those on counters also low volume, a counter reset, a new series; and a catch-up after three hours down, whose
backlog holds the trouble of every alert, that alerts nobody.

Usage: tests/deploy/rules_test.py [--promtool PROGRAM]

The cases are in alert_cases.py, the annotations in tests/data/deploy/annotations.json.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

from alert_cases import HEALTH, INSTANCE, MAIL, QUIET, STEP, TROUBLE, Counter, Gauge

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = os.path.join(ROOT, "deploy/prometheus/rules")
ANNOTATIONS = os.path.join(ROOT, "tests/data/deploy/annotations.json")
FILES = ("recording.yml", "rejections.yml", "health.yml")

# A catch-up, in steps: an hour of work, three hours down, two minutes in which the backlog is read, 90 minutes after.
WORK, DOWN, BURST, AFTER = 120, 360, 4, 180
BACK = WORK + DOWN
# The daemon says when it counted late records; it is restarted soon after, and then remembers none.
LATE = Gauge("dsnwatch_source_last_late_timestamp_seconds", {**INSTANCE, "source": "/var/log/mail.log"},
             f"_x{BACK} {STEP * BACK}+{STEP}x{BURST - 1} {STEP * (BACK + BURST)}x15 stale")
# Nothing may so much as wait, but the page that the instance is down, which it was, and the one on records that are late for hours.
ALERTED = ('ALERTS{alertname!~"DsnwatchDown|DsnwatchAbsent|DsnwatchRecordsArriveLate"} or '
           'ALERTS{alertname="DsnwatchRecordsArriveLate", alertstate="firing"}')


def job_of(alert):
    """Each alert's series are a job of their own, so that one case of promtool holds them all: promtool evaluates every rule
    at every step of every case, and a case per alert would take minutes."""
    return f"{alert.name}-{alert.labels['severity']}"


def labels_of(alert):
    """The labels that the alert fires with; absent() knows no job."""
    return {**alert.labels, "job": job_of(alert)} if "job" in alert.labels else alert.labels


def braced(labels):
    return "{" + ", ".join(f"{key}={json.dumps(value)}" for key, value in labels.items()) + "}"


def seconds(step):
    return f"{step * STEP}s"


def climb(start, by, steps):
    return f"{start:.10g}+{by:.10g}x{steps - 1}"


def as_they_are(item, factor=1.0):
    if isinstance(item, Gauge):
        return item.values
    quiet, trouble = item.quiet * factor, item.trouble * factor
    return f"{climb(0, quiet, QUIET)} {climb(quiet * (QUIET - 1) + trouble, trouble, TROUBLE)}"


def reset(item):
    """The state was lost: a high count begins again at what has come since, and the trouble does not come."""
    return f"{climb(90000, item.quiet, QUIET)} {climb(item.quiet, item.quiet, TROUBLE)}" if isinstance(item, Counter) else item.values


def new_series(item):
    """A target appears whose counts are high from its first scrape on."""
    return f"_x{QUIET} {climb(90000, 0, TROUBLE)}" if isinstance(item, Counter) else item.values


def catch_up(item):
    if isinstance(item, Gauge):
        return item.values
    burst = item.trouble * DOWN / BURST
    last = item.quiet * (WORK - 1)
    return (f"{climb(0, item.quiet, WORK)} stale _x{DOWN - 1} {climb(last + burst, burst, BURST)} "
            f"{climb(last + burst * BURST + item.quiet, item.quiet, AFTER)}")


def case(name, items, **checks):
    """`items`: (alert, series, its values)."""
    found = {}
    for alert, item, values in items:
        labels = {**item.labels, "job": job_of(alert)} if item.labels["job"] == INSTANCE["job"] else item.labels
        found[f"{item.name}{braced(labels)}"] = values
    return {"name": name, "interval": f"{STEP}s", "input_series": [{"series": key, "values": values} for key, values in found.items()], **checks}


def fires(alerts, annotations):
    checks = []
    for name in sorted({alert.name for alert in alerts}):
        own = [alert for alert in alerts if alert.name == name]
        expected = []
        for alert in own:
            severities = {alert.labels["severity"], *(other.labels["severity"] for other in own if alert.labels["severity"] == "critical")}
            for severity in sorted(severities):  # what is critical is worth the warning too
                labels = {**labels_of(alert), "severity": severity}
                expected.append({"exp_labels": labels, "exp_annotations": annotations.get(job_of(alert), {})})
        checks.append({"eval_time": seconds(QUIET - 1), "alertname": name, "exp_alerts": []})
        checks.append({"eval_time": seconds(QUIET + own[0].minutes * 60 // STEP), "alertname": name, "exp_alerts": expected})
    items = [(alert, item, as_they_are(item)) for alert in alerts for item in alert.trouble]
    return case("fires", items, alert_rule_test=checks)


def nothing(expression, at):
    return {"expr": expression, "eval_time": seconds(at), "exp_samples": []}


def silent(kind, alerts, values, items="trouble"):
    checks = []
    for alert in alerts:
        own = {"alertname": alert.name, "alertstate": "firing", "severity": alert.labels["severity"]}
        if "job" in alert.labels:
            own["job"] = job_of(alert)
        checks += [nothing(f"ALERTS{braced(own)}", at) for at in (QUIET - 1, QUIET + 12, QUIET + 30, QUIET + 60, QUIET + TROUBLE - 2)]
    return case(kind, [(alert, item, values(item)) for alert in alerts for item in getattr(alert, items)], promql_expr_test=checks)


def catch_up_cases(alerts):
    items = [(alert, item, catch_up(item)) for alert in alerts for item in alert.trouble]
    late = [(alert, LATE, LATE.values) for alert in alerts]
    yield case("a catch-up after three hours alerts nobody", items + late, promql_expr_test=[
        nothing(ALERTED, at) for at in (BACK - 1, *range(BACK, BACK + BURST + AFTER, 5))])
    # Without the stamp the same counts do raise each of them, so it is the stamp that keeps them silent.
    begun = [{"expr": "count by (job, alertname, severity) (ALERTS" + braced({"alertname": alert.name, "severity": alert.labels["severity"], "job": job_of(alert)}) + ")",
              "eval_time": seconds(BACK + BURST + 4),
              "exp_samples": [{"labels": braced({"alertname": alert.name, "severity": alert.labels["severity"], "job": job_of(alert)}), "value": 1}]}
             for alert in alerts]
    yield case("the same, not said to be late", items, promql_expr_test=begun)


def all_cases(annotations):
    """By name of the file that promtool gets: {name: (rule files, cases)}."""
    alone = ("DsnwatchAbsent", "DsnwatchSpikeExplainedByBlocklist")  # one knows no job, the other needs further alerts to fire
    groups = {"mail": [a for a in MAIL if a.name not in alone], "health": [a for a in HEALTH if a.name not in alone],
              **{name: [a for a in MAIL + HEALTH if a.name == name] for name in alone}}
    tests = {}
    for name, alerts in groups.items():
        cases = [fires(alerts, annotations), silent("must not fire", alerts, as_they_are, "silent")]
        counters = [a for a in alerts if a.low is not None]
        if counters:
            cases += [silent("counter reset", counters, reset), silent("new series", counters, new_series), silent("low volume", counters, as_they_are)]
            cases[-1]["input_series"] = case("", [(a, i, as_they_are(i, a.low)) for a in counters for i in a.trouble])["input_series"]
        tests[name] = (FILES[:2] if alerts[0] in MAIL else FILES[2:], cases)
    tests["catch-up"] = (FILES, list(catch_up_cases(MAIL)))
    return tests


def shipped():
    """{alert: its expression}, of every rule file."""
    found = {}
    for name in FILES:
        with open(os.path.join(RULES, name), encoding="utf-8") as text:
            for alert, expression in re.findall(r"- alert: (\w+)\n\s+expr: (.*?)\n\s+(?:for|labels|keep_firing_for):", text.read(), re.S):
                found.setdefault(alert, expression)
    return found


def missing_cases():
    """A new alert without cases is a failure of this test."""
    alerts, covered = shipped(), {alert.name: alert for alert in MAIL + HEALTH}
    problems = [f"{name}: no cases in alert_cases.py" for name in alerts.keys() - covered.keys()]
    problems += [f"{name}: no such alert in deploy/prometheus/rules" for name in covered.keys() - alerts.keys()]
    for name in alerts.keys() & covered.keys():
        if re.search(r"\b(increase|rate)\(|:increase", alerts[name]) and covered[name].low is None:
            problems.append(f"{name}: looks at counters, so it needs a low volume")
    return problems


# Alerts read what was recorded at the same moment. Without an order promtool takes a random one, and an alert's value is
# at times that of a minute ago.
GROUP_ORDER = ["dsnwatch.recording", "dsnwatch.rejections", "dsnwatch.health"]


def start(program, folder, name, rule_files, tests):
    path = os.path.join(folder, f"{name}.yml")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"rule_files": [os.path.join(RULES, file) for file in rule_files], "evaluation_interval": f"{STEP}s",
                   "group_eval_order": GROUP_ORDER, "tests": tests}, out)
    return subprocess.Popen([program, "test", "rules", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--promtool", default="promtool")
    program = parser.parse_args().promtool
    problems = missing_cases()
    with open(ANNOTATIONS, encoding="utf-8") as text:
        tests = all_cases(json.load(text))
    with tempfile.TemporaryDirectory(prefix="dsnwatch-rules-") as folder:
        for run in [start(program, folder, name, *content) for name, content in tests.items()]:
            said = run.communicate()[0]
            if run.returncode:
                problems.append(said)
    for problem in problems:
        print(problem)
    checks = sum(len(c.get("promql_expr_test", ())) + len(c.get("alert_rule_test", ())) for _, cases in tests.values() for c in cases)
    print(f"{checks} checks of {len(shipped())} alerts, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
