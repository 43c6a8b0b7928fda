"""A real Prometheus that scrapes one address under the shipped alert rules, their durations scaled down."""
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def scaled_rules(text, factor):
    """Every duration of a rule file divided by `factor`: [10m], offset 1h, for: 5m, and `16 * 60` in expressions. Names of
    recorded series stay."""

    def shorter(match):
        return f"{match.group(1)}{max(1, round(int(match.group(2)) * SECONDS[match.group(3)] * 1000 / factor))}ms"

    text = re.sub(r"(\[|offset |for: |interval: )(\d+)([smhd])\b", shorter, text)
    return re.sub(r"\b(\d+) \* 60\b", lambda m: str(int(m.group(1)) * 60 / factor), text)


class Prometheus:
    """`rules`: a folder of rule files; `alertmanager`: the port of one on loopback, or None."""

    def __init__(self, folder, target, rules, factor, alertmanager=None):
        os.makedirs(os.path.join(folder, "rules"))
        self.port, self.process = free_port(), None
        self.output = os.path.join(folder, "output")
        for name in os.listdir(rules):
            with open(os.path.join(rules, name), encoding="utf-8") as text, open(os.path.join(folder, "rules", name), "w", encoding="utf-8") as out:
                out.write(scaled_rules(text.read(), factor))
        with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as out:
            out.write("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
                      "rule_files: ['rules/*.yml']\n"
                      f"scrape_configs: [{{job_name: dsnwatch, static_configs: [{{targets: ['{target}']}}]}}]\n")
            if alertmanager:
                out.write(f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]}}\n")
        command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--rules.alert.resend-delay=1s", "--log.level=warn"]
        with open(self.output, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    def get(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """[(labels, value)] now."""
        return [(row["metric"], float(row["value"][1])) for row in self.get("/api/v1/query", query=expression)["result"]]

    def wait_until_scraping(self, seconds=60):
        deadline, last = time.monotonic() + seconds, None
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                targets = self.get("/api/v1/targets")["activeTargets"]
                last = targets
                if targets and all(t["health"] == "up" and not t["lastError"] for t in targets):
                    return
            except OSError as error:
                last = error
            time.sleep(0.2)
        with open(self.output, encoding="utf-8") as output:
            raise RuntimeError(f"Prometheus does not scrape: {last}\n{output.read()}")

    def alerts(self):
        return self.get("/api/v1/alerts")["alerts"]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
