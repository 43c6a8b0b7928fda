#!/usr/bin/env python3
"""The image of deploy/docker/Dockerfile, built twice without Docker: both builds install the packages and compile, the second
a copy with other file times and with other parallelism, and have one id. Then what is in it, and that it says of logs what the tested build says.

Usage: tests/extra/image_test.py --binary DSNWATCH     (as root, after scripts/install_packages image)
What runs in the image is pod_test.py's matter beyond one-off commands. The base image, hence Debian's packages, is made once.
"""
import argparse
import glob
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time

from oci_container import BUILDAH, ROOT, Container, call, image_config

LARGEST = 60_000_000  # bytes; it is 37 MB now


def build(*command):
    """The id, and what time it took."""
    begin = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Linking CXX executable dsnwatch" in done.stdout + done.stderr, f"{command} compiled nothing"
    identity = done.stdout.split()[-1]
    print(f"{' '.join(command)}: {identity[:12]} in {(time.monotonic() - begin) / 60:.1f} minutes", flush=True)
    return identity


def copy_of_source(folder):
    """What git tracks, as it is in the work tree, with the time of now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    packed = subprocess.run(["tar", "-c", "--null", "--files-from=-"], cwd=ROOT, input=listed, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-xm"], cwd=folder, input=packed, check=True)


def check_twice():
    image = build("make", "--no-print-directory", "image")
    with tempfile.TemporaryDirectory(prefix="dsnwatch-image-") as folder:
        copy_of_source(folder)
        again = build("scripts/image", folder, "--no-cache", "--build-arg", "JOBS=2")
    assert image == again, f"two builds of one source are two images: {image}, {again}"
    return image


def check_push(image):
    """As docs/install.md pushes it, into a folder in place of a registry: the image is named by the digest that was built."""
    with tempfile.TemporaryDirectory(prefix="dsnwatch-push-") as folder:
        call(BUILDAH, "push", image, f"oci:{folder}/layout:pushed")
        with open(f"{folder}/layout/index.json", encoding="utf-8") as text:
            manifest = json.load(text)["manifests"][0]["digest"]
        with open(f"{folder}/layout/blobs/{manifest.replace(':', '/')}", encoding="utf-8") as text:
            assert json.load(text)["config"]["digest"].removeprefix("sha256:").startswith(image), manifest


def check_config(config, version):
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert labels["title"] == "dsnwatch" and labels["description"] and labels["licenses"] == "Apache-2.0", labels
    assert labels["version"] == version and labels["revision"] == revision, (labels, version, revision)
    assert config["User"] == "65532:65532" and list(config["ExposedPorts"]) == ["25571/tcp"], config
    assert config["Entrypoint"] == ["/usr/bin/dsnwatch"] and config["StopSignal"] == "SIGTERM", config


def check_files(image):
    """One program, no shell, nothing setuid, nothing that its user may write but the state directory. Returns the bytes."""
    working = call(BUILDAH, "from", "--pull-never", image)
    try:
        top, programs, total, seen = call(BUILDAH, "mount", working), [], 0, set()
        for folder, _, names in os.walk(top):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                status, inside = os.lstat(path), path.removeprefix(top)
                if (status.st_dev, status.st_ino) not in seen and not stat.S_ISLNK(status.st_mode):
                    seen.add((status.st_dev, status.st_ino))
                    total += status.st_size if stat.S_ISREG(status.st_mode) else 0
                    assert not status.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH), f"{inside} has mode {status.st_mode:o}"
                    assert status.st_uid == (65532 if inside == "/var/lib/dsnwatch" else 0), f"{inside} belongs to {status.st_uid}"
                    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o111 and not re.search(r"\.so(\.|$)", inside):
                        programs.append(inside)
        assert programs == ["/usr/bin/dsnwatch"], programs
        return total
    finally:
        call(BUILDAH, "umount", working)
        call(BUILDAH, "rm", working)


def in_image(image, *args, mounts=()):
    """Exit status and output of one command in the image, with all that pod_test.py takes from a container."""
    with tempfile.TemporaryDirectory(prefix="dsnwatch-image-") as folder:
        container = Container(folder, f"dsnwatch-once-{os.getpid()}", image, mounts, args=["/usr/bin/dsnwatch", *args])
        try:
            container.start()
            status = container.wait()
            with open(container.output, encoding="utf-8") as text:
                return status, text.read()
        finally:
            container.remove()


def check_answers(binary, image):
    """Reports over the golden logs: Debian 13's RE2, simdjson and C++ library must find what Debian 12's find."""
    logs = sorted(glob.glob(os.path.join(ROOT, "tests/data/postfix/*.log")))
    assert logs
    options = ["report", "--format", "json", "--year", "2026", "--timezone", "Europe/Vienna"]
    for log in logs:
        expected = subprocess.run([binary, *options, log], capture_output=True, text=True, timeout=60, check=True).stdout
        status, said = in_image(image, *options, "/log", mounts=[(log, "/log", "ro")])
        assert status == 0 and said == expected, f"{log}: the image says\n{said[:1000]}\nand not\n{expected[:1000]}"
    return len(logs)


KAFKA = """\
sources:
  - kafka: {{brokers: "127.0.0.1:{port}", topics: [mail], group: dsnwatch, properties: {{security.protocol: ssl}}}}
state_dir: ""
"""


class TlsPort:
    """Says of each client whether it went through with the handshake; that is all it does."""

    def __init__(self, folder):
        key, self.certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
        call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.trusted = self.socket.getsockname()[1], []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self.socket.accept()
            try:
                with self.context.wrap_socket(client, server_side=True) as secure:
                    self.trusted.append(bool(secure.recv(1)))  # the client's certificate check is behind it when it sends
            except OSError as error:
                self.trusted.append(f"{error}")


def check_trust(image):
    """A broker's certificate is checked against the image's certificates: ours is refused, and taken where it stands among them."""
    with tempfile.TemporaryDirectory(prefix="dsnwatch-trust-") as folder:
        port, config = TlsPort(folder), os.path.join(folder, "dsnwatch.yml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(KAFKA.format(port=port.port))
        for among, wanted in (([], False), ([(port.certificate, "/etc/ssl/certs/ca-certificates.crt", "ro")], True)):
            port.trusted.clear()
            status, said = in_image(image, "config", "check", "--connect", "--config", "/etc/dsnwatch/dsnwatch.yml",
                                    mounts=[(config, "/etc/dsnwatch/dsnwatch.yml", "ro"), *among])
            assert status == 1 and port.trusted and {one is True for one in port.trusted} == {wanted}, (wanted, port.trusted, said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--image", help="check this one and build none")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    image = arguments.image or check_twice()
    status, said = in_image(image, "--version")
    assert status == 0 and said.startswith("dsnwatch "), (status, said)
    check_config(image_config(image), said.split()[1])
    status, said = in_image(image, "healthcheck")
    assert status == 1 and "no answer from" in said, (status, said)
    check_trust(image)
    check_push(image)
    size = check_files(image)
    assert size < LARGEST, f"{size} bytes"
    print(f"{size / 1e6:.1f} MB, one program, {check_answers(binary, image)} logs reported as by the tested build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
