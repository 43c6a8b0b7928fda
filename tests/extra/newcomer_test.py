#!/usr/bin/env python3
"""A newcomer's path, timed: from a clone to a dashboard's answer about a log of their own, with the defaults of every step.

Usage: tests/extra/newcomer_test.py [--fresh | --source REPOSITORY]
  --fresh   in an empty Debian 12 with git, make and Python (as root, after scripts/install_packages image): all else is installed
            and compiled, nothing is cached. Otherwise on this machine, whose packages and compiler cache make it shorter.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from log_writer import LogWriter  # noqa: E402
from real_prometheus import free_port  # noqa: E402
from running_daemon import RunningDaemon, wait_for  # noqa: E402

# docs/install.md's own, with the interval of Debian's prometheus.yml.
PROMETHEUS = """\
global: {{scrape_interval: 15s}}
rule_files: [{tree}/usr/local/share/dsnwatch/prometheus/rules/*.yml]
scrape_configs:
  - job_name: dsnwatch
    static_configs: [{{targets: ["{target}"]}}]
"""
BOARD, PANEL = "dsnwatch-overview.json", "Causes"


class Steps:
    """Prints what each step took; `total` in minutes."""

    def __init__(self):
        self.begin = self.last = time.monotonic()

    def done(self, what):
        now = time.monotonic()
        print(f"{(now - self.last) / 60:5.1f} min  {what}", flush=True)
        self.last = now

    @property
    def total(self):
        return (self.last - self.begin) / 60


def run(command, where=None):
    done = subprocess.run(["bash", "-c", command], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800, check=False)
    assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stdout[-4000:]}"


class OwnLog(threading.Thread):
    """A mail server's log, a few lines a second, that began before the daemon did."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.ended, self.writer = threading.Event(), LogWriter(path, seed=1)
        for _ in range(100):
            self.writer.step()

    def run(self):
        while not self.ended.wait(0.1):
            self.writer.step()


class Prometheus:
    def __init__(self, folder, tree, target):
        self.port, config = free_port(), os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(PROMETHEUS.format(tree=tree, target=target))
        with open(os.path.join(folder, "prometheus.log"), "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                                             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], stdout=output, stderr=output)

    def query(self, expression):
        url = f"http://127.0.0.1:{self.port}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return [(row["metric"], float(row["value"][1])) for row in json.load(answer)["data"]["result"]]
        except urllib.error.URLError as error:
            if getattr(error, "code", 503) != 503:
                raise
            return []  # it is starting

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def panel_query(tree):
    """Of the installed dashboard, as Grafana sends it for the last hour with nothing chosen."""
    with open(f"{tree}/usr/local/share/dsnwatch/grafana/dashboards/{BOARD}", encoding="utf-8") as text:
        panel = next(one for one in json.load(text)["panels"] if one["title"] == PANEL)
    return re.sub(r"\$(job|instance|provider)\b", ".*", panel["targets"][0]["expr"].replace("$__range", "1h"))


def walk(source, folder):
    steps, clone, tree = Steps(), f"{folder}/dsnwatch", f"{folder}/tree"
    run(f"git clone --quiet {source} {clone}")
    steps.done("git clone")
    run(f"make install DESTDIR={tree}", clone)
    steps.done("make install (packages, compiling)")
    if not shutil.which("prometheus"):
        run("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends prometheus")
        steps.done("apt-get install prometheus")

    log = OwnLog(f"{folder}/mail.log")
    log.start()
    daemon = RunningDaemon(f"{tree}/usr/local/bin/dsnwatch", "--listen", "127.0.0.1:0", "--state-dir", f"{folder}/state", f"{folder}/mail.log", log=f"{folder}/said")
    prometheus = None
    try:
        daemon.wait_until_ready()
        prometheus = Prometheus(folder, tree, daemon.url.removeprefix("http://"))
        query, found = panel_query(tree), []

        def problem():
            assert prometheus.process.poll() is None, "Prometheus has ended"
            found[:] = [(labels, value) for labels, value in prometheus.query(query) if value > 0]
            return "" if found else "no answer above 0"
        wait_for(f"the panel '{PANEL}' shows something", problem, 300)
        steps.done("daemon and Prometheus run, the dashboard's query answers")
        causes = {labels["cause"] for labels, _ in found}
        assert causes <= {"unauthenticated", "mailbox_full", "user_unknown", "greylisted"}, f"not this log's causes: {causes}"
    finally:
        log.ended.set()
        log.join()
        log.writer.close()
        if prometheus:
            prometheus.stop()
        daemon.kill()
    print(f"{steps.total:5.1f} min  from nothing to the first own data: {', '.join(sorted(causes))}")


def walk_in_fresh_debian(folder):
    """The same in a chroot; what it takes to make that is not the newcomer's time."""
    top = f"{folder}/debian"
    sites = subprocess.run(["apt-get", "indextargets", "--format", "deb $(SITE) $(RELEASE) main", "Created-By: Packages", "Origin: Debian", "Component: main"],
                           capture_output=True, text=True, check=True).stdout
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=git,make,python3,ca-certificates", "--dpkgopt=force-unsafe-io", "bookworm", top, "-"],
                   input=sites, text=True, check=True, timeout=600)
    run(f"git clone --quiet --bare {ROOT} {top}/source.git && git clone --quiet {top}/source.git {top}/test")
    # A process namespace of its own: nothing that was started in it is left when it ends.
    inside = ["unshare", "--fork", "--pid", f"--mount-proc={top}/proc", "--kill-child", "chroot", top, "env", "-i", "HOME=/root",
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "python3", "/test/tests/extra/newcomer_test.py", "--source", "/source.git"]
    subprocess.run(inside, check=True, timeout=3600)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--source", default=ROOT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dsnwatch-newcomer-") as folder:
        if arguments.fresh:
            walk_in_fresh_debian(folder)
        else:
            walk(arguments.source, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
