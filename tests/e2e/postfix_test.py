#!/usr/bin/env python3
"""A real Postfix delivers to servers that refuse as Gmail, Outlook and Yahoo do, its log is rotated meanwhile; what dsnwatch says
on /metrics must equal what the servers counted. Then a real Prometheus with the shipped rules and a real
Alertmanager with the shipped example must page a webhook.

Usage: tests/e2e/postfix_test.py --binary DSNWATCH     (root; Postfix and Prometheus installed, neither running as a service is used)

Every server listens on loopback and is ended by its process id. Exit status 77: this machine cannot run it.
"""
import argparse
import collections
import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import provider_replies
from mx_servers import MxServer
from real_alertmanager import Alertmanager
from real_postfix import Postfix
from real_prometheus import Prometheus, free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = os.path.join(ROOT, "deploy/prometheus/rules")
RUNBOOKS = os.path.join(ROOT, "deploy/runbooks")
SKIPPED = 77
DEADLINE = 120  # seconds, of every wait for a condition
SCALE = 30      # rule durations: 10 minutes become 20 seconds


def wait_for(what, condition, seconds=DEADLINE, between=None):
    """Until `condition` returns something true; that is returned. What it last said otherwise is in the failure."""
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        done, last = condition()
        if done:
            return last
        if between:
            between()
        time.sleep(0.3)
    raise AssertionError(f"{what}: not within {seconds} seconds\n{last}")


class Daemon:
    """dsnwatch run over one log."""

    def __init__(self, binary, folder, log):
        os.makedirs(folder)
        self.output, config = os.path.join(folder, "output"), os.path.join(folder, "dsnwatch.yaml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(f"sources:\n  - path: {log}\n    start: beginning\n"
                      f"state_dir: {folder}/state\nlisten: 127.0.0.1:0\ninternal_networks: [127.0.0.1/32]\nbirth_hold: 3s\n")
        with open(self.output, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen([binary, "run", "--config", config], stdout=output, stderr=output, start_new_session=True)
        self.url = wait_for("the daemon listens", self.address).rstrip("/")

    def address(self):
        with open(self.output, encoding="utf-8", errors="replace") as lines:
            text = lines.read()
        found = re.search(r"listening on (http://\S+)", text)
        assert found or self.process.poll() is None, f"the daemon ended:\n{text}"
        return (True, found.group(1)) if found else (False, text)

    def metrics(self):
        """Without Prometheus' header: values at once, not after their hold."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def series(text, family, *labels):
    """Counter {label values: value} of one family, zeros left out."""
    found = collections.Counter()
    for body, value in re.findall(rf"^{family}\{{(.*)\}} (\S+)$", text, re.M):
        own = dict(re.findall(r'(\w+)="([^"]*)"', body))
        if float(value):
            found[tuple(own[label] for label in labels)] += int(float(value))
    return found


class World:
    """The servers, Postfix between them, and an injector that counts what only it can know."""

    def __init__(self, folder):
        replies = provider_replies
        ports = [free_port() for _ in range(3)]
        self.filter = MxServer("127.0.0.1", "internal", replies.FILTER, on_message=self.pass_on)
        routes = {
            "gmail.com": MxServer("127.0.1.1", "google", replies.GMAIL),
            "googlemail.com": MxServer("127.0.1.2", "google", banner=replies.GOOGLEMAIL_BANNER, recipients_per_session=2, banner_domain="googlemail.com"),
            "outlook.com": MxServer("127.0.1.3", "microsoft_consumer", replies.OUTLOOK),
            "hotmail.com": MxServer("127.0.1.4", "microsoft_consumer", banner=replies.HOTMAIL_BANNER, banner_domain="hotmail.com"),
            "yahoo.com": MxServer("127.0.1.5", "yahoo", replies.YAHOO),
            "aol.com": MxServer("127.0.1.6", "yahoo", banner=replies.AOL_BANNER, recipients_per_session=3, banner_domain="aol.com"),
            "ymail.com": MxServer("127.0.1.7", "yahoo", banner=replies.YMAIL_BANNER, banner_domain="ymail.com"),
            "sender.test": MxServer("127.0.1.8", "other"),  # receives our own bounces
        }
        self.servers = [self.filter, *routes.values()]
        self.postfix = Postfix(folder, {domain: (mx.address, mx.port) for domain, mx in routes.items()}, self.filter.port, ports)
        self.answers = {answer.key: answer for answer in replies.GMAIL + replies.OUTLOOK + replies.YAHOO + replies.FILTER}
        self.sent = self.bounces = self.relaying_refused = 0

    def pass_on(self, sender, recipients, message):
        """What the content filter does with a message that it likes."""
        with smtplib.SMTP("127.0.0.1", self.postfix.reinject_port, timeout=30) as smtp:
            smtp.sendmail(sender, recipients, message)

    def inject(self, key, domain, copies, recipients=1, sender=None):
        """`copies` messages with so many recipients each; the key is the local part that asks for a refusal. A message whose
        recipients are refused for good comes back as one bounce."""
        answer = self.answers.get(sender or key)
        self.bounces += copies if answer and answer.result == "bounced" else 0
        with smtplib.SMTP("127.0.0.1", self.postfix.inject_port, timeout=30) as smtp:
            for _ in range(copies):
                self.sent += 1
                to = [f"{key}+{self.sent}.{i}@{domain}" for i in range(recipients)]
                smtp.sendmail(f"{sender or 'news'}+{self.sent}@sender.test", to, f"Subject: {self.sent}\r\n\r\nhello\r\n")

    def relay(self, copies):
        """Strangers who want us to relay: our own server refuses them."""
        for _ in range(copies):
            with smtplib.SMTP("127.0.0.1", self.postfix.public_port, timeout=30) as smtp:
                smtp.ehlo("pc")
                smtp.mail("x@stranger.test")
                code, _ = smtp.rcpt("y@elsewhere.test")
                assert code == 554, code
                self.relaying_refused += 1

    def mixture(self, n):
        """Some of everything: every refusal n times, and as many deliveries."""
        replies = provider_replies
        for domain, answers in (("gmail.com", replies.GMAIL), ("outlook.com", replies.OUTLOOK), ("yahoo.com", replies.YAHOO)):
            self.inject("fine", domain, 3 * n, recipients=2)
            for answer in answers:
                if answer.stage == "mail":
                    self.inject("fine", domain, n, sender=answer.key)
                else:
                    self.inject(answer.key, domain, n, recipients=2 if answer.result == "bounced" else 1)
        self.inject("any", "googlemail.com", n, recipients=2)
        self.inject("any", "hotmail.com", n)
        self.inject("any", "aol.com", n, recipients=3)
        self.inject("any", "ymail.com", n)
        self.inject("ownfilter", "gmail.com", n)
        self.relay(n)

    def counted(self):
        """What the servers said: {(provider, domain, result): n} and {(provider, domain, result, enhanced code, cause): n}."""
        attempts, rejections = collections.Counter(), collections.Counter()
        for server in self.servers:
            own_attempts, own_rejections = server.totals()
            for key, n in own_attempts.items():
                attempts[(server.provider, *key)] += n
            for key, n in own_rejections.items():
                rejections[(server.provider, *key)] += n
        return attempts, rejections

    def close(self):
        self.postfix.stop()
        for server in self.servers:
            server.close()


def difference(ours, truth):
    return [f"{key}: dsnwatch {ours[key]}, servers {truth[key]}" for key in sorted(ours.keys() | truth.keys()) if ours[key] != truth[key]]


def compare(world, text):
    """Every family that the servers can check; an empty list if all are equal."""
    attempts, rejections = world.counted()
    found = difference(series(text, "dsnwatch_domain_attempts_total", "provider", "domain", "result"), attempts)
    found += difference(series(text, "dsnwatch_domain_rejections_total", "provider", "domain", "result", "enhanced_code", "cause"), rejections)
    by_provider = collections.Counter()
    for (provider, _, result, code, cause), n in rejections.items():
        by_provider["postfix", provider, result, code, cause] += n
    found += difference(series(text, "dsnwatch_rejections_total", "mta", "provider", "result", "enhanced_code", "cause"), by_provider)
    inbound = collections.Counter({("postfix", "rejected", "5.7.1", "relay_denied"): world.relaying_refused})
    found += difference(series(text, "dsnwatch_inbound_rejections_total", "mta", "result", "enhanced_code", "cause"), inbound)
    return found


def settle(what, world, daemon):
    """Until /metrics says what the servers counted, and every bounce that must come has come back."""
    next_flush, pause = time.monotonic() + 10, 10

    def bounces_missing():
        return world.bounces - world.counted()[0]["other", "sender.test", "delivered"]

    def equal():
        found = compare(world, daemon.metrics())
        if bounces_missing():
            found.append(f"{bounces_missing()} of {world.bounces} bounces have not come back")
        return not found, "\n".join(found)

    def flush():
        """A reload takes the queue manager away from deliveries that are under way; what it lost sight of waits in the queue
        until all that is deferred is tried once more. To the servers and to dsnwatch these are attempts like any other."""
        nonlocal next_flush, pause
        if bounces_missing() and time.monotonic() > next_flush:
            world.postfix.control("flush")
            pause *= 2
            next_flush = time.monotonic() + pause

    wait_for(what, equal, between=flush)


def check_exposition(daemon):
    for headers in ({}, {"X-Prometheus-Scrape-Timeout-Seconds": "10"}):
        request = urllib.request.Request(daemon.url + "/metrics", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        lint = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=60)
        assert lint.returncode == 0 and not lint.stdout.strip() and not lint.stderr.strip(), f"promtool check metrics: {lint.stdout + lint.stderr}"


SPIKE = {"alertname": "DsnwatchPolicyRejectionSpike", "job": "dsnwatch", "provider": "google", "severity": "critical"}
# What else the refused messages may rightly raise: their domain, and their sender, who has no quieter past.
WITH_IT = ({"alertname": "DsnwatchDomainPolicyRejectionSpike", "job": "dsnwatch", "provider": "google", "domain": "gmail.com", "severity": "warning"},
           {"alertname": "DsnwatchSenderMaybeCompromised", "job": "dsnwatch", "sender_domain": "sender.test", "severity": "critical"})


def check_page(alert):
    """What the person on call reads."""
    notes = alert["annotations"]
    assert notes["summary"].startswith("google refuses"), notes
    assert "Top cause: ip_reputation. Top code: 5.7.1." in notes["description"], notes
    assert notes["first_step"].startswith("Slow down or stop bulk mail"), notes
    page = notes["runbook_url"].rpartition("/")[2]
    assert page == "DsnwatchPolicyRejectionSpike.md" and os.path.exists(os.path.join(RUNBOOKS, page)), notes
    assert "var-provider=google" in notes["dashboard_url"], notes


def check_alert(world, daemon, folder):
    alertmanager = Alertmanager(os.path.join(folder, "alertmanager"))
    prometheus = Prometheus(os.path.join(folder, "prometheus"), daemon.url.removeprefix("http://"), RULES, SCALE, alertmanager.port)
    try:
        alertmanager.wait_until_ready()
        prometheus.wait_until_scraping()
        wait_for("the recording rules see attempts", lambda: (bool(found := prometheus.query("job_provider:dsnwatch_attempts:increase10m")), found))
        assert not [alert for alert in prometheus.alerts() if alert["state"] == "firing"], f"an alert before the spike: {prometheus.alerts()}"

        def spike():
            """Google refuses; so does our own filter, which must stay silent; Yahoo takes the same volume."""
            world.inject("reputation", "gmail.com", 4)
            world.inject("ownfilter", "gmail.com", 4)
            world.inject("fine", "yahoo.com", 4)

        def paged():
            told = [alert for receiver, alert in alertmanager.webhook.told if receiver == "on-call" and alert["labels"] == SPIKE]
            return told, (alertmanager.webhook.told, prometheus.alerts())

        wait_for("the page arrives", paged, between=spike)
        told = alertmanager.webhook.told[:]
        check_page(next(alert for _, alert in told if alert["labels"] == SPIKE))
        for receiver, alert in told:
            assert alert["labels"] == SPIKE or alert["labels"] in WITH_IT, f"{receiver} was told of {alert}"
        # The alert's own counts come from what the daemon showed to Prometheus: it must be all that the servers counted.
        settle("what /metrics says equals what the servers counted, after the spike", world, daemon)
        truth = world.counted()[1]["google", "gmail.com", "bounced", "5.7.1", "ip_reputation"]
        query = 'dsnwatch_domain_rejections_total{domain="gmail.com", provider="google", cause="ip_reputation"}'
        wait_for("Prometheus has the servers' count", lambda: (bool(rows := prometheus.query(query)) and rows[0][1] == truth, (rows, truth)))
    finally:
        prometheus.stop()
        alertmanager.stop()


def rotate_under_load(world):
    """Three rotations, each while deliveries are under way and once the new file has lines."""
    done, errors = threading.Event(), []

    def keep_injecting():
        try:
            while not done.is_set():
                world.mixture(1)
        except Exception as error:  # reported by the test's own thread
            errors.append(error)

    injector = threading.Thread(target=keep_injecting)
    injector.start()
    try:
        for _ in range(3):
            before = world.sent
            wait_for("the log grows", lambda: (errors or os.path.exists(world.postfix.log) and world.sent > before + 20, world.sent))
            world.postfix.rotate()
    finally:
        done.set()
        injector.join()
    assert not errors, errors


def run(binary, folder):
    world = World(os.path.join(folder, "postfix"))
    daemon = None
    try:
        world.postfix.start()
        world.mixture(2)
        wait_for("Postfix writes its log", lambda: (os.path.exists(world.postfix.log), "no log"))
        daemon = Daemon(binary, os.path.join(folder, "dsnwatch"), world.postfix.log)
        settle("what /metrics says equals what the servers counted, before a rotation", world, daemon)
        print("before a rotation:", sum(world.counted()[0].values()), "attempts", flush=True)

        rotate_under_load(world)
        settle("what /metrics says equals what the servers counted, across rotations", world, daemon)
        print("across rotations:", sum(world.counted()[0].values()), "attempts", flush=True)

        check_exposition(daemon)
        check_alert(world, daemon, os.path.join(folder, "alerts"))
        print("the page arrived;", sum(world.counted()[0].values()), "attempts", flush=True)
        status = daemon.stop()
        assert status == 0, f"the daemon ended with {status}"
    except BaseException:
        if daemon:
            with open(daemon.output, encoding="utf-8", errors="replace") as lines:
                print("dsnwatch said:", lines.read()[-4000:], file=sys.stderr)
        print("Postfix's last lines:", world.postfix.log_tail(), file=sys.stderr)
        raise
    finally:
        if daemon:
            daemon.stop()
        world.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    arguments = parser.parse_args()
    missing = [program for program in ("postfix", "prometheus", "promtool", "prometheus-alertmanager") if not shutil.which(program)]
    if missing:
        print(f"skipped: not installed: {', '.join(missing)}")
        return SKIPPED
    if os.geteuid() != 0:
        if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
            os.execvp("sudo", ["sudo", "-n", sys.executable, *sys.argv])
        print("skipped: Postfix needs root")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="dsnwatch-postfix-") as folder:
        os.chmod(folder, 0o755)
        run(os.path.abspath(arguments.binary), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
