#!/usr/bin/env python3
"""Every query and every variable of every dashboard, asked of a real Prometheus that scrapes a real dsnwatch: no error, and an answer
unless the panel says when it may be empty. The dashboards are drawn from the answers, to be looked at.

Usage: tests/extra/dashboards_test.py --binary DSNWATCH --pictures FOLDER     (after scripts/grafana check; draws with build/grafana)
"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from real_prometheus import Prometheus  # noqa: E402
from running_daemon import RunningDaemon, wait_for  # noqa: E402

SAMPLE = os.path.join(ROOT, "tests/data/postfix/sample.log")
SCALE = 120    # a day of the recording rules becomes 12 minutes, an hour 30 seconds
SECONDS = 60   # of traffic
RATE_INTERVAL, RANGE, STEP = "10s", "45s", 3
CONFIG = """\
sources:
  - {{path: {log}, start: beginning, timezone: UTC}}
state_dir: {folder}/state
listen: 127.0.0.1:0
birth_hold: 2s
source_ips: {{services: {{postfix/smtp: 203.0.113.5, postfix-out-b/smtp: 203.0.113.6}}}}
"""


class Traffic(threading.Thread):
    """The sample log again and again, with the time of now."""

    def __init__(self, path):
        super().__init__()
        self.path, self.done = path, threading.Event()
        with open(SAMPLE, "rb") as sample:
            self.lines = [line[15:] for line in sample]

    def run(self):
        with open(self.path, "ab", buffering=0) as log:
            at = 0
            while not self.done.is_set():
                stamp = time.strftime("%b %e %H:%M:%S", time.gmtime()).encode()
                share = int(70 + 50 * ((at // 700) % 3))  # a load that is not the same all the time
                log.write(b"".join(stamp + self.lines[(at + n) % len(self.lines)] for n in range(share)))
                at += share
                self.done.wait(0.1)


def substituted(expression):
    expression = expression.replace("$__rate_interval", RATE_INTERVAL).replace("$__range", RANGE)
    return re.sub(r"\$(?:job|instance|provider|domain|source_ip|sender_domain|stream)\b", ".+", expression)


def legend(pattern, labels):
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match.group(1), ""), pattern)


def ask_variable(prometheus, query):
    """label_values(metric{...}, label) as Grafana asks it."""
    selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
    return prometheus.query(f"group by ({label}) ({substituted(selector)})")


def ask_panel(prometheus, panel):
    """(what is to be drawn, problems)"""
    series, table, problems = [], {}, []
    for at, target in enumerate(panel["targets"]):
        expression = substituted(target["expr"])
        try:
            if target.get("instant"):
                found = prometheus.query(expression)
                for labels, value in found:
                    table.setdefault(tuple(sorted(labels.items())), {})[at] = value
            else:
                now = time.time()
                found = prometheus.get("/api/v1/query_range", query=expression, start=now - int(RANGE[:-1]), end=now, step=STEP)["result"]
                series += [{"name": legend(target.get("legendFormat", ""), one["metric"]),
                            "points": [[t, float(v)] for t, v in one["values"] if v not in ("NaN", "+Inf")]} for one in found]
        except OSError as error:
            detail = error.read().decode() if hasattr(error, "read") else ""
            problems.append(f"{error} {detail}: {expression}")
            continue
        if not found and " Empty " not in panel["description"]:
            problems.append(f"no answer: {expression}")
    rows = []
    if table:
        names = sorted({key for labels in table for key, _ in labels})
        rows = [[*names, *(target.get("legendFormat", "") for target in panel["targets"])]]
        ordered = sorted(table.items(), key=lambda item: -item[1].get(0, 0))
        rows += [[*(dict(labels).get(name, "") for name in names), *(f"{values[at]:.5g}" if at in values else "" for at in range(len(panel["targets"])))] for labels, values in ordered]
    return {"series": series, "table": rows}, problems


def check_board(prometheus, board, pictures):
    problems, panels, queries = [], [], 0
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            queries += 1
            if not ask_variable(prometheus, variable["query"]["query"]) and variable["name"] != "stream":  # streams exist only if configured
                problems.append(f"{board['uid']}: variable {variable['name']}: no values")
    for panel in board["panels"]:
        drawn = {"title": panel["title"], "type": panel["type"], "grid": panel["gridPos"], "series": [], "table": [], "unit": "", "stacked": False, "note": ""}
        if panel["type"] != "row":
            queries += len(panel["targets"])
            answer, wrong = ask_panel(prometheus, panel)
            defaults = panel["fieldConfig"]["defaults"]
            drawn |= answer | {"unit": defaults["unit"], "stacked": defaults.get("custom", {}).get("stacking", {}).get("mode") == "normal",
                               "note": panel["description"].partition(" Empty ")[2] and "Empty " + panel["description"].partition(" Empty ")[2]}
            problems += [f"{board['uid']}, \"{panel['title']}\": {what}" for what in wrong]
        panels.append(drawn)
    path = os.path.join(pictures, board["uid"])
    with open(path + ".json", "w", encoding="utf-8") as out:
        json.dump({"title": board["title"], "panels": panels}, out)
    subprocess.run(["node", os.path.join(ROOT, "build/grafana/out/draw.mjs"), path + ".json", path + ".svg"], check=True, timeout=120)
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-o", path + ".png", path + ".svg"], check=True, timeout=120)
    os.unlink(path + ".json")
    return problems, queries


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--pictures", required=True)
    arguments = parser.parse_args()
    pictures = os.path.abspath(arguments.pictures)
    os.makedirs(pictures, exist_ok=True)
    problems, queries = [], 0
    with tempfile.TemporaryDirectory(prefix="dsnwatch-dashboards-") as folder:
        log, config = os.path.join(folder, "mail.log"), os.path.join(folder, "dsnwatch.yml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(CONFIG.format(log=log, folder=folder))
        traffic = Traffic(log)
        traffic.start()
        daemon = prometheus = None
        try:
            daemon = RunningDaemon(arguments.binary, "--config", config, log=os.path.join(folder, "output"))
            prometheus = Prometheus(os.path.join(folder, "prometheus"), daemon.url.removeprefix("http://"), os.path.join(ROOT, "deploy/prometheus/rules"), SCALE)
            prometheus.wait_until_scraping()
            began = time.monotonic()
            wait_for("a past to compare with", lambda: "" if prometheus.query("job_provider:dsnwatch_policy_rejections_per_attempts:ratio_avg1d")
                     and time.monotonic() - began > SECONDS else "none yet", 180)
            for path in sorted(glob.glob(os.path.join(ROOT, "deploy/grafana/dashboards/*.json"))):
                with open(path, encoding="utf-8") as text:
                    wrong, asked = check_board(prometheus, json.load(text), pictures)
                problems, queries = problems + wrong, queries + asked
        finally:
            traffic.done.set()
            traffic.join()
            if prometheus:
                prometheus.stop()
            if daemon:
                daemon.terminate()
    for problem in problems:
        print(problem)
    print(f"{queries} queries, {len(problems)} problems; pictures in {pictures}")
    return 1 if problems or not queries else 0


if __name__ == "__main__":
    sys.exit(main())
