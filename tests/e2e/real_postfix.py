"""A real Postfix on loopback: its own configuration, queue and log, nothing shared with the machine's."""
import os
import pwd
import subprocess
import time

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
syslog_name = postfix
myhostname = mx1.sender.test
mydomain = sender.test
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_host_lookup = native
smtp_tls_security_level = none
smtpd_tls_security_level = none
transport_maps = texthash:{folder}/conf/transport
default_transport = error:5.1.2 this test delivers to its own servers only
content_filter = smtp:[127.0.0.1]:{filter_port}
notify_classes =
# Every deferred recipient stays where it is; a refused session must not suspend the next message.
queue_run_delay = 3h
minimal_backoff_time = 3h
maximal_backoff_time = 3h
smtp_destination_concurrency_failed_cohort_limit = 0
{extra}"""

MASTER_CF = """\
127.0.0.1:{inject_port} inet n - n - - smtpd
127.0.0.1:{reinject_port} inet n - n - - smtpd -o content_filter=
127.0.0.1:{public_port} inet n - n - - smtpd -o smtpd_relay_restrictions=reject_unauth_destination
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """`transport` maps recipient domains to (address, port). Needs root, as Postfix does."""

    def __init__(self, folder, transport, filter_port, ports, extra=""):
        self.folder, self.log = folder, os.path.join(folder, "log", "mail.log")
        self.inject_port, self.reinject_port, self.public_port = ports
        self.conf = os.path.join(folder, "conf")
        for name in ("conf", "queue", "data", "log"):
            os.makedirs(os.path.join(folder, name))
        os.chmod(folder, 0o755)  # its daemons drop their rights
        os.chown(os.path.join(folder, "data"), pwd.getpwnam("postfix").pw_uid, -1)
        self.write("main.cf", MAIN_CF.format(folder=folder, filter_port=filter_port, extra=extra))
        self.write("master.cf", MASTER_CF.format(inject_port=ports[0], reinject_port=ports[1], public_port=ports[2]))
        self.write("transport", "".join(f"{domain} smtp:[{host}]:{port}\n" for domain, (host, port) in transport.items()))
        self.running = False

    def write(self, name, text):
        with open(os.path.join(self.conf, name), "w", encoding="utf-8") as out:
            out.write(text)

    def control(self, command):
        done = subprocess.run(["postfix", "-c", self.conf, command], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"postfix {command}: {done.stdout}{done.stderr}{self.log_tail()}")

    def start(self):
        self.control("start")
        self.running = True

    def rotate(self):
        """As logrotate without copytruncate: the file is renamed, Postfix writes on into it until it is told."""
        number = 1
        while os.path.exists(f"{self.log}.{number}"):
            number += 1
        os.rename(self.log, f"{self.log}.{number}")
        time.sleep(0.2)  # lines that still go to the renamed file
        self.control("reload")

    def log_tail(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as lines:
                return "".join(lines.readlines()[-20:])
        except OSError:
            return ""

    def stop(self):
        if self.running:
            self.running = False
            self.control("stop")
