"""A real Apache Kafka broker as a child process: one KRaft node on loopback, its jars from Maven (cached in ~/.m2)."""
import os
import re
import signal
import socket
import subprocess
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kafka")
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
BATCH_HEAD = 61  # Bytes before the records; the last four are how many there are.
USER, PASSWORD = "alice", "alice-secret"


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


class Broker:
    """`plaintext`, `sasl` (SCRAM-SHA-256 and PLAIN for alice) and `tls` are its addresses; `ca` is what to trust."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder + "/tls", exist_ok=True)
        self.process = None
        ports = dict(zip(("PLAINTEXT", "SASL", "TLS", "CONTROLLER"), free_ports(4)))
        self.plaintext, self.sasl, self.tls = (f"127.0.0.1:{ports[name]}" for name in ("PLAINTEXT", "SASL", "TLS"))
        self.ca = folder + "/tls/ca.pem"
        self._find_jars()
        self._make_certificate()
        with open(HERE + "/server.properties.in", encoding="utf-8") as template:
            text = template.read().replace("@FOLDER@", folder)
        for name, port in ports.items():
            text = text.replace(f"@{name}@", str(port))
        with open(folder + "/server.properties", "w", encoding="utf-8") as out:
            out.write(text)
        cluster = self.java("kafka.tools.StorageTool", "random-uuid").split()[-1]
        self.java("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", folder + "/server.properties",
                  "--add-scram", f'SCRAM-SHA-256=[name="{USER}",password="{PASSWORD}"]')

    def _find_jars(self):
        out = self.folder + "/classpath"
        subprocess.run(["mvn", "-q", "-B", "-f", HERE + "/pom.xml", "dependency:build-classpath", "-DincludeScope=runtime",
                        "-Dmdep.outputFile=" + out], check=True, stdout=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as text:
            self.classpath = text.read().strip()

    def _make_certificate(self):
        tls = self.folder + "/tls"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", tls + "/key.pem", "-out", self.ca], check=True, capture_output=True)
        with open(tls + "/server.pem", "wb") as out:
            for part in (tls + "/key.pem", self.ca):
                with open(part, "rb") as text:
                    out.write(text.read())

    def java(self, *command):
        done = subprocess.run([*JAVA, "-cp", self.classpath, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, seconds=90):
        log = open(self.folder + "/broker.log", "wb")
        command = [*JAVA, "-Xmx512m", "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info", "-cp", self.classpath,
                   "kafka.Kafka", self.folder + "/server.properties"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + seconds
        while "Kafka Server started" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the broker did not start: " + self.said()[-2000:])
            time.sleep(0.2)

    def said(self):
        with open(self.folder + "/broker.log", encoding="utf-8", errors="replace") as text:
            return text.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def rot(self, topic, number, bytes_of_batch):
        """Overwrites the records of a batch of partition 0 on the disk, and says how many messages it held. The broker must
        not run; it looks at no checksum when it reads."""
        path = f"{self.folder}/data/{topic}-0/00000000000000000000.log"
        with open(path, "r+b") as log:
            data = log.read()
            at = 0
            for _ in range(number):
                at += 12 + int.from_bytes(data[at + 8:at + 12], "big")
            end = at + 12 + int.from_bytes(data[at + 8:at + 12], "big")
            log.seek(at + BATCH_HEAD)
            log.write(bytes_of_batch(data[at + BATCH_HEAD:end]))
            return int.from_bytes(data[at + BATCH_HEAD - 4:at + BATCH_HEAD], "big")

    def topic(self, *arguments):
        return self.java("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.plaintext, *arguments)

    def make_topic(self, name, partitions=12):
        self.topic("--create", "--topic", name, "--partitions", str(partitions))

    def groups(self, *arguments):
        return self.java("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", self.plaintext,
                         *arguments)

    def committed(self, group):
        """{(topic, partition): offset}"""
        rows = re.findall(r"^\S+\s+(\S+)\s+(\d+)\s+(\d+)\s", self.groups("--describe", "--group", group), re.M)
        return {(topic, int(partition)): int(offset) for topic, partition, offset in rows}

    def produce(self, topic, data, codec="none", partitioner="murmur2_random"):
        """`data`: bytes, one KEY TAB VALUE a line."""
        command = ["kcat", "-P", "-b", self.plaintext, "-t", topic, "-K", "\t", "-z", codec, "-X", "linger.ms=50", "-X",
                   "enable.idempotence=true", "-X", "partitioner=" + partitioner]
        subprocess.run(command, input=data, check=True, capture_output=True)
