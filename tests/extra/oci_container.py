"""A container out of an image in scripts/image's store, run by runc as a kubelet's runtime would be told to. Needs root.

There is no cgroup limit on it (requests and limits of memory and CPU are not tested), and it shares the network of its creator.
"""
import json
import os
import signal
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILDAH = os.path.join(ROOT, "scripts/buildah")
# The profile that podman, CRI-O and, but for details, containerd mean by seccompProfile RuntimeDefault.
SECCOMP = "/usr/share/containers/seccomp.json"
ENDS_WITHIN = 60  # seconds, of a container that was told to end


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout.strip()


def image_config(image):
    """User, Entrypoint, Cmd, Env, Labels, ... of an image."""
    return json.loads(call(BUILDAH, "inspect", "--type", "image", image))["OCIv1"]["config"]


def seccomp(capabilities):
    """The profile in runc's own form: what depends on capabilities or the architecture is decided here."""
    with open(SECCOMP, encoding="utf-8") as text:
        profile = json.load(text)
    here, kind = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}[os.uname().machine]
    held, rules = {f"CAP_{name}" for name in capabilities}, []
    for rule in profile["syscalls"]:
        wanted, unwanted = rule["includes"].get("caps", []), rule["excludes"].get("caps", [])
        if held.issuperset(wanted) and not held.intersection(unwanted) and here in rule["includes"].get("arches", [here]):
            keys = ("names", "action", "args", "errnoRet")
            rules.append({key: rule[key] for key in keys if rule.get(key) is not None})
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile["defaultErrnoRet"], "architectures": [kind], "syscalls": rules}


class Container:
    """`mounts` is a list of (path on the host, path in the container, "ro" or "rw"); `groups` are its supplementary groups."""

    def __init__(self, folder, name, image, mounts, args=None, user=None, groups=(), capabilities=(), read_only=True):
        self.name, self.bundle, self.process = name, os.path.join(folder, name), None
        self.runc = ["runc", "--root", os.path.join(folder, "runc")]
        self.output = os.path.join(self.bundle, "output")
        os.makedirs(self.bundle)
        self.working = call(BUILDAH, "from", "--pull-never", image)
        config = image_config(image)
        uid, _, gid = (user or config.get("User") or "0:0").partition(":")
        held = [f"CAP_{name}" for name in capabilities]
        self._write({
            "ociVersion": "1.0.2",
            "root": {"path": call(BUILDAH, "mount", self.working), "readonly": read_only},
            "hostname": name,
            "process": {
                "user": {"uid": int(uid), "gid": int(gid), "additionalGids": list(groups)},
                "args": config.get("Entrypoint", []) + config.get("Cmd", []) if args is None else args,
                "env": config["Env"], "cwd": config.get("WorkingDir") or "/", "noNewPrivileges": True,
                "capabilities": {kind: held for kind in ("bounding", "effective", "permitted")},
            },
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
                *({"destination": there, "type": "bind", "source": here, "options": ["bind", mode, "nosuid", "nodev"]} for here, there, mode in mounts),
            ],
            "linux": {
                "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")],
                "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list"], "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"],
                "seccomp": seccomp(capabilities),
            },
        })

    def _write(self, config):
        with open(os.path.join(self.bundle, "config.json"), "w", encoding="utf-8") as out:
            json.dump(config, out)

    def start(self):
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([*self.runc, "run", "--bundle", self.bundle, self.name], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def pid(self):
        """On the host, of the container's first process."""
        return json.loads(call(*self.runc, "state", self.name))["pid"]

    def execute(self, *command):
        """Another process in it, as a probe would run one: what it prints; fails where that fails."""
        return call(*self.runc, "exec", self.name, *command)

    def signal(self, number):
        """From outside, so that also a frozen container takes it, and STOP stops what is the first process inside."""
        os.kill(self.pid(), number)

    def wait(self):
        """The exit status."""
        return self.process.wait(ENDS_WITHIN)

    def said(self):
        if self.process is None:
            return ""
        with open(self.output, encoding="utf-8", errors="replace") as text:
            return text.read()[-4000:]

    def remove(self):
        if self.running():
            self.signal(signal.SIGKILL)
            self.wait()
        call(BUILDAH, "umount", self.working)
        call(BUILDAH, "rm", self.working)
