"""dsnwatch run as a child process, and its /metrics as a dictionary."""
import re
import select
import subprocess
import time
import urllib.request

SERIES = re.compile(r"^(dsnwatch_[a-z_]+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
# Health metrics: live, and not part of what a checkpoint makes durable.
HEALTH = re.compile(r"^dsnwatch_(source|checkpoint|ledger|label|rules|config|build|correlation|http)_")


class RunningDaemon:
    """Started at once; `url` once it listens."""

    def __init__(self, binary, *args, log):
        self.log = open(log, "ab")
        self.process = subprocess.Popen([binary, "run", *args], stdout=subprocess.PIPE, stderr=self.log)
        self.url = self._wait_until_listening(30)

    def _wait_until_listening(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith("listening on "):
            self.kill()
            raise AssertionError(f"the daemon did not say where it listens but {line!r}")
        return line.split()[-1].rstrip("/")

    def fetch(self, path="/metrics", prometheus=False):
        headers = {"X-Prometheus-Scrape-Timeout-Seconds": "10"} if prometheus else {}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def wait_until_ready(self, seconds=60):
        wait_for("ready", lambda: "" if self._is_ready() else "not ready", seconds)

    def _is_ready(self):
        try:
            return self.fetch("/-/ready").strip() == "ready"
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._close()

    def terminate(self, seconds=30):
        """The exit status after SIGTERM."""
        self.process.terminate()
        status = self.process.wait(seconds)
        self._close()
        return status

    def _close(self):
        self.process.stdout.close()
        self.log.close()


def parse(text):
    """Series of the mail families → value: {("dsnwatch_x_total", (("label", "value"), ...)): number}."""
    found = {}
    for line in text.splitlines():
        match = SERIES.match(line)
        if match and not HEALTH.match(line):
            labels = tuple(sorted(LABEL.findall(match.group(2) or "")))
            found[(match.group(1), labels)] = float(match.group(3))
    return found


def wait_for(what, condition, seconds=30):
    """Until `condition` returns nothing; what it returned last is in the failure."""
    deadline = time.monotonic() + seconds
    while (problem := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if problem:
        raise AssertionError(f"{what}: not within {seconds} seconds: {problem}")
