#!/usr/bin/env python3
"""A simulated pod: the image of scripts/image as the sidecar of a real Postfix, both with the settings of deploy/kustomize. The MTA stops
first, under load, while the sidecar is frozen; then the sidecar is told to end, and must have counted every line that there is.

Usage: tests/extra/pod_test.py [--image IMAGE]     (as root, after `make image`)

What is real: runc, read-only root, no capabilities, no new privileges, seccomp, user 65532, volumes with the modes that fsGroup gives,
the component's configuration (but a shorter linger), the example's main.cf and Postfix' capabilities, a network of the pod's own.
What is not: a kubelet (this test plays it: order of start and end, probes), user namespaces, limits of memory and CPU.
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

from oci_container import BUILDAH, ROOT, Container, call

sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
import provider_replies  # noqa: E402
from mx_servers import MxServer  # noqa: E402
from running_daemon import parse, wait_for  # noqa: E402

DEPLOY = os.path.join(ROOT, "deploy/kustomize")
POSTFIX_IMAGE = "localhost/dsnwatch-test-postfix"
GROUP = 65532  # fsGroup of deploy/kustomize/example-postfix/postfix.yaml
URL = "http://127.0.0.1:25571"
LINGER = 10    # seconds
UNREAD = 200   # attempts at least that the sidecar has not seen when the MTA is told to end
ADDRESSES = {"gmail.com": "192.0.2.26", "yahoo.com": "192.0.2.27", "sender.test": "192.0.2.28"}
RESULTS = {"sent": "delivered", "deferred": "deferred", "bounced": "bounced"}


def own_network():
    """This process, started again with a network of its own: loopback, with the servers' addresses on it."""
    if os.environ.get("DSNWATCH_POD_NETWORK"):
        call("ip", "link", "set", "lo", "up")
        for address in ADDRESSES.values():
            call("ip", "address", "add", f"{address}/32", "dev", "lo")
        return
    os.environ["DSNWATCH_POD_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])


def postfix_settings():
    """The capabilities and the command of the example."""
    with open(os.path.join(DEPLOY, "example-postfix/postfix.yaml"), encoding="utf-8") as text:
        text = text.read()
    capabilities = re.search(r"capabilities: \{drop: \[ALL\], add: \[([A-Z_, ]+)\]\}", text).group(1).split(", ")
    return capabilities, re.search(r"command: \[(.*)\]", text).group(1).split(", ")


def in_log(path):
    """Delivery attempts that the log tells of, counted without dsnwatch: {(result, enhanced code)}."""
    with open(path, encoding="utf-8") as lines:
        found = re.findall(r" postfix/\w+\[\d+\]: \w+: to=<.* dsn=([\d.]+), status=(sent|deferred|bounced) ", lines.read())
    return collections.Counter((RESULTS[status], dsn) for dsn, status in found)


def on_page(text):
    """The same from /metrics; an attempt that was no rejection is a delivery."""
    counted = collections.Counter()
    for (family, labels), value in parse(text).items():
        labels = dict(labels)
        if family == "dsnwatch_rejections_total" and value:
            counted[labels["result"], labels["enhanced_code"]] += int(value)
        elif family == "dsnwatch_attempts_total" and labels["result"] == "delivered" and value:
            counted["delivered", "2.0.0"] += int(value)
    return counted


def fetch(path="/metrics"):
    with urllib.request.urlopen(URL + path, timeout=5) as answer:
        return answer.read().decode()


def page_or_nothing():
    try:
        return on_page(fetch())
    except OSError:
        return None


class Pod:
    def __init__(self, folder, image):
        self.folder, self.image = folder, image
        self.volumes = {name: self.volume(name) for name in ("log", "state", "queue")}
        self.log = os.path.join(self.volumes["log"], "mail.log")
        self.servers = {domain: MxServer(ADDRESSES[domain], "", answers) for domain, answers in
                        (("gmail.com", provider_replies.GMAIL), ("yahoo.com", provider_replies.YAHOO), ("sender.test", ()))}
        self.config, transport = self.file("dsnwatch.yml"), self.file("transport")
        with open(os.path.join(DEPLOY, "component/dsnwatch.yml"), encoding="utf-8") as text, open(self.config, "w", encoding="utf-8") as out:
            out.write(re.sub(r"(?m)^linger: .*", f"linger: {LINGER}s", text.read()))
        with open(transport, "w", encoding="utf-8") as out:
            out.writelines(f"{domain} smtp:[{server.address}]:{server.port}\n" for domain, server in self.servers.items())
        capabilities, command = postfix_settings()
        self.mta = Container(folder, f"dsnwatch-mta-{os.getpid()}", POSTFIX_IMAGE, [
            (self.volumes["log"], "/var/log/mail", "rw"), (self.volumes["queue"], "/var/spool/postfix", "rw"),
            (os.path.join(DEPLOY, "example-postfix/main.cf"), "/etc/postfix/main.cf", "ro"), (transport, "/etc/postfix/transport", "ro")],
            args=command, groups=[GROUP], capabilities=capabilities, read_only=False)
        self.sidecars, self.sent = [], 0

    def file(self, name):
        os.makedirs(os.path.join(self.folder, "files"), exist_ok=True)
        return os.path.join(self.folder, "files", name)

    def volume(self, name):
        """An emptyDir of a pod with fsGroup."""
        path = os.path.join(self.folder, "volumes", name)
        os.makedirs(path)
        os.chown(path, 0, GROUP)
        os.chmod(path, 0o2777)
        return path

    def start_sidecar(self):
        sidecar = Container(self.folder, f"dsnwatch-sidecar-{os.getpid()}-{len(self.sidecars)}", self.image, [
            (self.volumes["log"], "/var/log/mail", "ro"), (self.volumes["state"], "/var/lib/dsnwatch", "rw"),
            (os.path.dirname(self.config), "/etc/dsnwatch", "ro")], groups=[GROUP])
        self.sidecars.append(sidecar)
        sidecar.start()

        def problem():
            assert sidecar.running(), sidecar.said()
            try:
                return "" if fetch("/-/healthy") else "empty"
            except OSError as error:
                return error
        wait_for("the sidecar is healthy", problem)
        return sidecar

    def start_mta(self):
        self.mta.start()

        def problem():
            assert self.mta.running(), self.mta.said()
            try:
                with smtplib.SMTP("127.0.0.1", 25, timeout=5) as smtp:
                    return "" if smtp.noop()[0] == 250 else "no"
            except (OSError, smtplib.SMTPException) as error:
                return error
        wait_for("Postfix takes mail", problem)

    def inject(self, copies):
        """Some of each refusal, and deliveries."""
        kinds = [(answer.key, domain) for domain in ("gmail.com", "yahoo.com") for answer in self.servers[domain].answers.values()
                 if answer.stage != "mail"] + [("fine", "gmail.com"), ("fine", "yahoo.com")]
        with smtplib.SMTP("127.0.0.1", 25, timeout=30) as smtp:
            for _ in range(copies):
                for key, domain in kinds:
                    self.sent += 1
                    smtp.sendmail("news@sender.test", [f"{key}+{self.sent}@{domain}"], f"Subject: {self.sent}\r\n\r\nhello\r\n")

    def close(self):
        for container in (*self.sidecars, self.mta):
            container.remove()
        for server in self.servers.values():
            server.close()


def check_hardened(sidecar):
    """What the kernel says of the process, not what the configuration asked for."""
    pid = sidecar.pid()
    with open(f"/proc/{pid}/status", encoding="utf-8") as text:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
    assert status["Uid"].split() == ["65532"] * 4 and status["Gid"].split() == ["65532"] * 4, status
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, f"{kind} {status[kind]}"
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
    for place in ("", "/etc/dsnwatch", "/var/log/mail"):
        try:
            os.close(os.open(f"/proc/{pid}/root{place}/written", os.O_CREAT | os.O_WRONLY))
        except OSError as error:
            assert "Read-only file system" in str(error), error
        else:
            raise AssertionError(f"{place or '/'} can be written to")
    assert sidecar.execute("/usr/bin/dsnwatch", "healthcheck") == "", "the probe from inside"


def difference(counted, log):
    return [f"{key}: dsnwatch {counted[key]}, the log {log[key]}" for key in sorted(counted.keys() | log.keys()) if counted[key] != log[key]]


def stop_mta_under_load(pod, sidecar):
    """The sidecar sees nothing of it until it has been told to end itself. Returns what the log held before and after."""
    sidecar.signal(signal.SIGSTOP)
    before, ending = in_log(pod.log).total(), threading.Event()

    def keep_injecting():
        try:
            while True:
                pod.inject(1)
        except (OSError, smtplib.SMTPException):
            if not ending.is_set():
                raise

    injector = threading.Thread(target=keep_injecting)
    injector.start()
    wait_for("Postfix delivers", lambda: "" if in_log(pod.log).total() > before + UNREAD else "not yet")
    ending.set()
    pod.mta.signal(signal.SIGTERM)
    status = pod.mta.wait()
    injector.join()
    assert status == 0, f"Postfix ended with {status}: {pod.mta.said()}"
    return before, in_log(pod.log)


def last_scrape(sidecar):
    """What the pod's last scrape sees, within the linger."""
    counted = None
    while sidecar.running():
        counted = page_or_nothing() or counted
        time.sleep(0.2)
    assert counted is not None, f"no scrape succeeded any more: {sidecar.said()}"
    return counted


def run(pod):
    sidecar = pod.start_sidecar()  # first, as a native sidecar: there is no log yet
    check_hardened(sidecar)
    pod.start_mta()
    pod.inject(2)
    wait_for("each mail was tried", lambda: "" if in_log(pod.log).total() >= pod.sent else "not yet")
    wait_for("the sidecar counts", lambda: difference(on_page(fetch()), in_log(pod.log)))
    before, log = stop_mta_under_load(pod, sidecar)

    sidecar.signal(signal.SIGTERM)
    told = time.monotonic()
    sidecar.signal(signal.SIGCONT)
    counted = last_scrape(sidecar)
    status, lingered = sidecar.wait(), time.monotonic() - told
    assert status == 0, f"the sidecar ended with {status}: {sidecar.said()}"
    assert not difference(counted, log), f"after the last scrape: {difference(counted, log)}"
    assert LINGER <= lingered < LINGER + 10, f"it ended {lingered:.1f} s after it was told to"

    # The node restarts the pod on the same volumes: nothing is counted anew.
    again = pod.start_sidecar()
    wait_for("what the ledger holds", lambda: difference(on_page(fetch()), log))
    again.signal(signal.SIGTERM)
    assert difference(last_scrape(again), log) == [] and again.wait() == 0, again.said()
    refused = sum(count for (_, code), count in log.items() if code == "5.7.1")
    print(f"{log.total()} attempts counted ({refused} of them 5.7.1), {log.total() - before} read only after the MTA had ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", default="localhost/dsnwatch:latest")
    image = parser.parse_args().image
    if not os.environ.get("DSNWATCH_POD_NETWORK"):
        call(BUILDAH, "build", "--isolation", "chroot", "--pull-never", "--layers", "--tag", POSTFIX_IMAGE,
             "--file", os.path.join(ROOT, "tests/extra/postfix.Dockerfile"), os.path.join(ROOT, "tests/extra"))
    own_network()
    folder, pod = tempfile.mkdtemp(prefix="dsnwatch-pod-"), None
    os.chmod(folder, 0o755)
    try:
        pod = Pod(folder, image)
        run(pod)
    except BaseException:
        if pod:
            for container in (pod.mta, *pod.sidecars):
                print(f"{container.name} said:", container.said(), file=sys.stderr)
        raise
    finally:
        if pod:
            pod.close()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
