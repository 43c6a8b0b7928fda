"""Members of a consumer group: dsnwatch processes that read from Kafka, and what they count together."""
import collections
import json
import os
import re
import threading
import time
import urllib.error

from running_daemon import RunningDaemon, parse

# Bounded labels whose limits a whole log exceeds give way to each other in order of time, which partitions do not keep.
EXACT = ("dsnwatch_attempts_total", "dsnwatch_rejections_total", "dsnwatch_expired_total", "dsnwatch_suspended_total",
         "dsnwatch_ip_", "dsnwatch_sender_", "dsnwatch_stream_", "dsnwatch_blocklist_", "dsnwatch_inbound_",
         "dsnwatch_unclassified_total")
DOMAINS = ("dsnwatch_domain_attempts_total", "dsnwatch_domain_rejections_total")


def counts(series):
    """Series → value, without those that differ by order; of the domain families only the sums."""
    kept = collections.Counter()
    for (name, labels), value in series.items():
        if name.startswith(EXACT):
            kept[(name, labels)] += value
        elif name in DOMAINS:
            kept[(name, tuple(label for label in labels if label[0] != "domain"))] += value
    return +kept


def difference(found, wanted):
    """Empty, or the first few series that differ."""
    bad = [f"{name}{dict(labels)}: {found[(name, labels)]} not {wanted[(name, labels)]}"
           for name, labels in sorted(set(found) | set(wanted)) if found[(name, labels)] != wanted[(name, labels)]]
    return "; ".join(bad[:3]) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")


def peak_of(pid):
    """The most memory that the process has had, in MiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as text:
        return int(re.search(r"VmHWM:\s+(\d+)", text.read()).group(1)) / 1024


class Member:
    def __init__(self, binary, folder, brokers, topics, group, properties=None, oauthbearer=None, **keys):
        os.makedirs(folder, exist_ok=True)
        self.binary, self.folder, self.daemon, self.last = binary, folder, None, {}
        kafka = {"brokers": brokers, "topics": topics, "group": group,
                 "properties": {"session.timeout.ms": 6000, "heartbeat.interval.ms": 1000,
                                "topic.metadata.refresh.interval.ms": 1000, **(properties or {})}}
        if oauthbearer:
            kafka["oauthbearer"] = oauthbearer
        source = {"kafka": kafka, "start": "beginning", "timezone": "UTC"}
        config = {"listen": "127.0.0.1:0", "state_dir": folder + "/state", "birth_hold": "0s", "sources": [source], **keys}
        self.config = folder + "/dsnwatch.yml"
        with open(self.config, "w", encoding="utf-8") as out:
            json.dump(config, out)  # JSON is YAML.

    def start(self):
        self.daemon = RunningDaemon(self.binary, "--config", self.config, log=self.folder + "/stderr")
        return self

    def said(self):
        with open(self.folder + "/stderr", encoding="utf-8") as text:
            return text.read()

    def scrape(self):
        """The page; kept, so that the last one outlives the process."""
        self.page = self.daemon.fetch()
        self.last = counts(parse(self.page))
        return self.page

    def health(self, name, **labels):
        """The sum of a health metric over the series with these labels."""
        total = 0
        for found in re.finditer(rf"^{name}(?:\{{(.*)\}})? (\S+)$", self.page, re.M):
            if all(f'{label}="{value}"' in (found.group(1) or "") for label, value in labels.items()):
                total += float(found.group(2))
        return total

    def kill(self):
        if self.daemon and self.daemon.process.poll() is None:
            self.daemon.kill()

    def end(self):
        """Gracefully; `linger` must be set, so that the last counts are seen."""
        self.daemon.process.terminate()
        while True:
            try:
                self.scrape()
            except (OSError, urllib.error.URLError):
                break
            time.sleep(0.05)
        status = self.daemon.process.wait(60)
        self.daemon.process.stdout.close()
        return status


def together(members):
    total = collections.Counter()
    for member in members:
        total += member.last
    return total


class SlowProducer(threading.Thread):
    """Produces keyed lines at a rate, in the background."""

    def __init__(self, broker, topic, lines, rate):
        super().__init__(daemon=True)
        self.broker, self.topic, self.lines, self.rate, self.sent = broker, topic, lines, rate, 0

    def run(self):
        began = time.monotonic()
        while self.sent < len(self.lines):
            piece = self.lines[self.sent:self.sent + self.rate]
            self.broker.produce(self.topic, b"".join(piece), codec="lz4")
            self.sent += len(piece)
            time.sleep(max(0.0, began + self.sent / self.rate - time.monotonic()))
