#!/usr/bin/env python3
"""The example for Alertmanager, in a real one: who is told of what, and which alert silences which.

Usage: tests/e2e/alertmanager_test.py [--binary IGNORED]
"""
import shutil
import sys
import tempfile
import time

from real_alertmanager import Alertmanager

SKIPPED = 77


def alert(name, severity, **labels):
    return {"labels": {"alertname": name, "severity": severity, "job": "dsnwatch", **labels}, "annotations": {"summary": name}}


SPIKE = "DsnwatchPolicyRejectionSpike"
DOMAIN = "DsnwatchDomainPolicyRejectionSpike"
# Alerts, and for each the receiver, or None if another silences it.
ALERTS = [
    # A listed IP silences the spike it causes, at that provider only.
    (alert("DsnwatchIPBlocklisted", "critical", source_ip="192.0.2.10", blocklist="spamhaus_zen"), "on-call"),
    (alert("DsnwatchSpikeExplainedByBlocklist", "none", provider="yahoo"), "nobody"),
    (alert(SPIKE, "critical", provider="yahoo"), None),
    (alert(DOMAIN, "warning", provider="yahoo", domain="aol.com"), None),
    (alert(SPIKE, "critical", provider="google"), "on-call"),
    (alert(SPIKE, "critical", provider="yahoo") | {"labels": {**alert(SPIKE, "critical", provider="yahoo")["labels"], "job": "another"}}, "on-call"),
    (alert("DsnwatchAuthRejectionsStarted", "critical", provider="gmx", cause="spf_fail"), "on-call"),
    (alert(SPIKE, "critical", provider="gmx"), None),
    (alert(DOMAIN, "warning", provider="google", domain="gmail.com"), None),
    (alert(SPIKE, "critical", provider="other"), "on-call"),
    (alert(DOMAIN, "warning", provider="other", domain="example.com"), "tickets"),
    (alert("DsnwatchUnknownUserRatioHigh", "critical", provider="google"), "on-call"),
    (alert("DsnwatchUnknownUserRatioHigh", "warning", provider="google"), None),
    (alert("DsnwatchUnknownUserRatioHigh", "warning", provider="yahoo"), "tickets"),
    (alert("DsnwatchDestinationSuspended", "warning", provider="web_de"), "tickets"),
    (alert("DsnwatchThrottlingSurge", "warning", provider="web_de"), None),
    (alert("DsnwatchThrottlingSurge", "warning", provider="yahoo"), "tickets"),
    (alert("DsnwatchDown", "critical", instance="mx1"), "on-call"),
    (alert("DsnwatchSourceSilent", "warning", instance="mx1", source="a"), None),
    (alert("DsnwatchSourceSilent", "warning", instance="mx2", source="a"), "tickets"),
    (alert("DsnwatchUnclassifiedRatioHigh", "info", mta="postfix"), "tickets"),
]


def key(labels):
    return tuple(sorted(labels.items()))


def run(folder):
    manager = Alertmanager(f"{folder}/alertmanager")
    try:
        manager.wait_until_ready()
        # Those that silence must be there before those that are silenced are sent out.
        manager.call("/api/v2/alerts", [one for one, _ in ALERTS])
        expected = {key(one["labels"]): receiver for one, receiver in ALERTS}
        loud = {labels for labels, receiver in expected.items() if receiver not in (None, "nobody")}
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not loud <= {key(told["labels"]) for _, told in manager.webhook.told}:
            time.sleep(0.2)
        for receiver, told in manager.webhook.told:
            assert expected[key(told["labels"])] == receiver, f"{receiver} was told of {told['labels']}"
        missing = loud - {key(told["labels"]) for _, told in manager.webhook.told}
        assert not missing, f"nobody was told of {missing}"
        states = {key(one["labels"]): one["status"]["inhibitedBy"] for one in manager.call("/api/v2/alerts")}
        for labels, receiver in expected.items():
            assert bool(states[labels]) == (receiver is None), f"{labels}: silenced by {states[labels]}"
    finally:
        manager.stop()


def main():
    if not shutil.which("prometheus-alertmanager"):
        print("skipped: not installed: prometheus-alertmanager")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="dsnwatch-alertmanager-") as folder:
        run(folder)
    print(f"{len(ALERTS)} alerts went where they belong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
