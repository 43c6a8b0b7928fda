"""A real Alertmanager on loopback under the shipped example, and a webhook that keeps what it is told."""
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request

from real_prometheus import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = os.path.join(ROOT, "deploy/alertmanager/alertmanager.yml")


class Webhook:
    """`told`: (receiver, alert) in the order of arrival."""

    def __init__(self):
        told = self.told = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.extend((body["receiver"], alert) for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Alertmanager:
    """Its waits become a second; nothing else of the example is changed but the webhook's port."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.webhook = Webhook()
        self.port = free_port()
        self.output = os.path.join(folder, "output")
        with open(EXAMPLE, encoding="utf-8") as text, open(os.path.join(folder, "alertmanager.yml"), "w", encoding="utf-8") as out:
            config = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", text.read())
            out.write(config.replace("127.0.0.1:9099", f"127.0.0.1:{self.webhook.port}"))
        command = ["prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=", "--log.level=warn"]
        with open(self.output, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    def wait_until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        with open(self.output, encoding="utf-8") as output:
            raise RuntimeError(f"Alertmanager does not start:\n{output.read()}")

    def call(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        self.webhook.close()
