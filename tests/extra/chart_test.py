#!/usr/bin/env python3
"""The Helm chart under Helm 3 and 4, and the kustomize component: lint, a matrix of values, wrong values refused, every object against the
schemas of Kubernetes and of the custom resources, hardening, the rendered configuration and alert rules taken by the programs.

Usage: tests/extra/chart_test.py --binary DSNWATCH     (after scripts/kubernetes_tools)
"""
import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHART = os.path.join(ROOT, "deploy/helm/dsnwatch")
TOOLS = os.path.join(ROOT, "build/kubernetes")
PYTHON = os.path.join(TOOLS, "venv/bin/python")
CUSTOM = ("monitoring.coreos.com/v1", "keda.sh/v1alpha1")
OLDEST, NEWEST = "1.29", "1.35"

KAFKA = {"mode": "kafka", "kafka": {"brokers": "k1:9092,k2:9093", "topics": ["mail", "mail-eu"], "replicas": 3}}
ALL = {"podMonitor": {"enabled": True, "labels": {"release": "prometheus"}}, "networkPolicy": {"enabled": True, "from": [{"namespaceSelector": {}}]},
       "prometheusRule": {"enabled": True, "runbookUrl": "https://wiki.example.com/r", "grafanaUrl": "https://grafana.example.com"},
       "dashboards": {"enabled": True, "annotations": {"grafana_folder": "mail"}},
       "rules": {"own.yaml": "rules: []\n"}, "image": {"repository": "r.example.com/d", "digest": "sha256:" + "a" * 64}}


def merged(*parts):
    found = {}
    for part in parts:
        for key, value in part.items():
            found[key] = merged(found[key], value) if isinstance(value, dict) and isinstance(found.get(key), dict) else value
    return found


MATRIX = {
    "sidecar": {}, "sidecar, all": ALL, "sidecar, own volumes": {"sidecar": {"stateVolume": "data", "logVolume": "logs"}, "nameOverride": "watch"},
    "kafka": KAFKA, "kafka, all": merged(KAFKA, ALL, {"imagePullSecrets": [{"name": "pull"}]}),
    "kafka, hpa": merged(KAFKA, {"kafka": {"hpa": {"enabled": True}, "pdb": {"enabled": False}}}),
    "kafka, keda": merged(KAFKA, {"kafka": {"keda": {"enabled": True}, "storage": {"className": "fast"}}}),
    "kafka, secrets": merged(KAFKA, {"kafka": {"properties": {"security.protocol": "SASL_SSL", "sasl.password": {"env": "PASSWORD"}},
                                               "extraEnv": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "kafka", "key": "password"}}}],
                                               "nodeSelector": {"disk": "ssd"}, "tolerations": [{"operator": "Exists"}]}}),
}
# Values, and what the refusal must say (the wording differs between Helm 3 and 4).
WRONG = [({"mode": "deamonset"}, "mode"), ({"mod": "kafka"}, "mod"), ({"mode": "kafka"}, "kafka"), (merged(KAFKA, {"kafka": {"topics": []}}), "topics"),
         ({"config": {"listen": ":1"}}, "config"), ({"config": {"linger": "soon"}}, "linger"), ({"image": {"digest": "latest"}}, "digest"),
         ({"podMonitor": {"enabled": "yes"}}, "enabled"), (merged(KAFKA, {"kafka": {"replicas": 0}}), "replicas"),
         (merged(KAFKA, {"kafka": {"hpa": {"enabled": True}, "keda": {"enabled": True}}}), "kafka"), ({"sidecar": {"podLabels": {"a": 1}}}, "podLabels")]

PARENT_TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata: {name: mta}
spec:
  terminationGracePeriodSeconds: 70
  initContainers:
    {{- include "dsnwatch.sidecar.container" .Subcharts.dsnwatch | nindent 4 }}
  containers:
    - {name: mta, image: mta, volumeMounts: [{name: mail-log, mountPath: /var/log/mail}]}
  volumes:
    - {name: mail-log, emptyDir: {}}
    {{- include "dsnwatch.sidecar.volumes" .Subcharts.dsnwatch | nindent 4 }}
"""


def run(*command, stdin=None, environment=()):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **dict(environment)})
    return done.returncode, done.stdout, done.stderr


def objects(text):
    """YAML documents, by the PyYAML that came with the schemas."""
    status, out, said = run(PYTHON, "-c", "import json, sys, yaml; json.dump([d for d in yaml.safe_load_all(sys.stdin) if d], sys.stdout)", stdin=text)
    assert status == 0, said
    return json.loads(out)


class Helm:
    def __init__(self, version, folder):
        self.program, self.folder = os.path.join(TOOLS, version, "helm/helm"), folder

    def call(self, verb, values, *more, chart=CHART):
        path = os.path.join(self.folder, "values.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(values, out)
        name = ["release"] if verb == "template" else []
        return run(self.program, verb, *name, chart, "--values", path, *more)


def check_schemas(folder, text, found):
    for version in (OLDEST, NEWEST):
        core = [one for one in found if one["apiVersion"] not in CUSTOM]
        path = os.path.join(folder, "core.json")
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n---\n".join(json.dumps(one) for one in core))
        status, out, said = run(os.path.join(TOOLS, "venv/bin/kubernetes-validate"), "--strict", "-k", version, path)
        assert status == 0 and "WARN" not in out + said, out + said
    path = os.path.join(folder, "custom.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump([one for one in found if one["apiVersion"] in CUSTOM], out)
    status, out, said = run("node", os.path.join(TOOLS, "crds/validate.mjs"), path)
    assert status == 0, f"{out}{said}\n{text[:2000]}"


def check_hardened(container, pod):
    """Pod Security "restricted", and what it does not ask for."""
    context = container["securityContext"]
    assert context["runAsNonRoot"] and context["runAsUser"] > 0 and context["readOnlyRootFilesystem"], context
    assert context["allowPrivilegeEscalation"] is False and context["capabilities"] == {"drop": ["ALL"]}, context
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}, context
    assert container["resources"]["requests"] and "memory" in container["resources"]["limits"] and "cpu" not in container["resources"]["limits"], container
    assert "livenessProbe" in container and "startupProbe" in container, container
    assert not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), pod
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    there = {volume["name"] for volume in pod["volumes"]}
    assert not any("hostPath" in volume for volume in pod["volumes"]), pod
    return mounted - there


def environment_of(kinds):
    """What the rendered container finds in its environment; values that the cluster fills in are made up."""
    containers = [one["spec"]["template"]["spec"]["containers"][0] for one in kinds.get("StatefulSet", ())]
    return {variable["name"]: variable.get("value", "made-up") for container in containers for variable in container.get("env", ())}


def check_config(binary, folder, text, environment):
    path = os.path.join(folder, "dsnwatch.yml")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace("/etc/dsnwatch-rules", os.path.join(folder, "own.yml")))
    with open(os.path.join(folder, "own.yml"), "w", encoding="utf-8") as out:
        out.write("rules: []\n")
    status, _, said = run(binary, "config", "check", "--config", path, environment=environment)
    return status, said


def check_objects(binary, folder, values, found):
    kinds = {}
    for one in found:
        kinds.setdefault(one["kind"], []).append(one)
        assert len(json.dumps(one)) < 900_000, f"{one['metadata']['name']} is too large for the API"
        assert one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "dsnwatch", one["metadata"]
    for one in kinds.get("StatefulSet", ()):
        pod = one["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False, pod
        claims = {claim["metadata"]["name"] for claim in one["spec"]["volumeClaimTemplates"]}
        assert check_hardened(pod["containers"][0], pod) <= claims, "a mount without a volume"
    config = next(one for one in kinds["ConfigMap"] if "dsnwatch.yml" in one["data"])["data"]["dsnwatch.yml"]
    status, said = check_config(binary, folder, config, environment_of(kinds))
    assert status == 0, f"{said}\n{config}"
    for one in kinds.get("PrometheusRule", ()):
        path = os.path.join(folder, "rules.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(one["spec"], out)
        status, out, said = run("promtool", "check", "rules", path)
        assert status == 0, out + said
        text = json.dumps(one)
        assert "https://wiki.example.com/r/DsnwatchDown.md" in text and "https://grafana.example.com/d/dsnwatch-pipeline" in text and "example.org" not in text, text[:500]
    if values.get("dashboards", {}).get("enabled"):
        boards = [json.loads(next(iter(one["data"].values()))) for one in kinds["ConfigMap"] if "grafana_dashboard" in one["metadata"]["labels"]]
        assert len(boards) == len(os.listdir(os.path.join(ROOT, "deploy/grafana/dashboards"))), [board["uid"] for board in boards]


def check_matrix(binary, helm, folder):
    checked = 0
    for (name, values), kubernetes in itertools.product(MATRIX.items(), (OLDEST, NEWEST)):
        status, text, said = helm.call("template", values, "--kube-version", f"{kubernetes}.0")
        assert status == 0, f"{name}: {said}"
        found = objects(text)
        check_schemas(folder, text, found)
        check_objects(binary, folder, values, found)
        checked += len(found)
        status, out, said = helm.call("lint", values, "--strict")
        assert status == 0, f"{name}: {out}{said}"
    return checked


def check_refusals(helm):
    for values, word in WRONG:
        status, _, said = helm.call("template", values)
        assert status != 0 and word in said, f"{values}: {status} {said}"
    status, _, said = helm.call("template", {}, "--kube-version", "1.28.0")
    assert status != 0 and "kubeVersion" in said, said


def check_named_templates(helm, folder):
    """An MTA's own chart that includes the sidecar."""
    parent = os.path.join(folder, "mta")
    os.makedirs(os.path.join(parent, "templates"))
    os.makedirs(os.path.join(parent, "charts"))
    status, _, said = run("cp", "-rL", CHART, os.path.join(parent, "charts", "dsnwatch"))
    assert status == 0, said
    with open(os.path.join(parent, "Chart.yaml"), "w", encoding="utf-8") as out:
        out.write("apiVersion: v2\nname: mta\nversion: 1.0.0\ndependencies: [{name: dsnwatch, version: 0.1.0}]\n")
    with open(os.path.join(parent, "templates", "pod.yaml"), "w", encoding="utf-8") as out:
        out.write(PARENT_TEMPLATE)
    status, text, said = helm.call("template", {"dsnwatch": {"rules": {"own.yaml": "rules: []\n"}}}, chart=parent)
    assert status == 0, said
    found = objects(text)
    check_schemas(folder, text, found)
    pod = next(one for one in found if one["kind"] == "Pod")["spec"]
    assert not check_hardened(pod["initContainers"][0], pod), "a mount without a volume"
    assert pod["initContainers"][0]["restartPolicy"] == "Always", pod


def check_kustomize(binary, folder):
    status, text, said = run(os.path.join(TOOLS, "helm4/kubectl/kubectl"), "kustomize", os.path.join(ROOT, "deploy/kustomize/example-postfix"))
    assert status == 0, said
    found = objects(text)
    check_schemas(folder, text, found)
    workload = next(one for one in found if one["kind"] == "StatefulSet")["spec"]
    pod = workload["template"]["spec"]
    sidecar = pod["initContainers"][0]
    assert not check_hardened(sidecar, pod) and sidecar["restartPolicy"] == "Always", pod
    log = next(mount for mount in sidecar["volumeMounts"] if mount["name"] == "mail-log")
    assert log["readOnly"] and pod["terminationGracePeriodSeconds"] >= 70, pod
    config = next(one for one in found if one["kind"] == "ConfigMap" and "dsnwatch.yml" in one["data"])
    assert any(volume.get("configMap", {}).get("name") == config["metadata"]["name"] for volume in pod["volumes"]), "the generated name does not reach the pod"
    status, said = check_config(binary, folder, config["data"]["dsnwatch.yml"], {})
    assert status == 0, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    checked = 0
    for version in ("helm3", "helm4"):
        with tempfile.TemporaryDirectory(prefix="dsnwatch-chart-") as folder:
            helm = Helm(version, folder)
            checked += check_matrix(binary, helm, folder)
            check_refusals(helm)
            check_named_templates(helm, folder)
    with tempfile.TemporaryDirectory(prefix="dsnwatch-kustomize-") as folder:
        check_kustomize(binary, folder)
    print(f"{checked} objects of {len(MATRIX)} sets of values, {len(WRONG)} wrong ones refused, under Helm 3 and 4")
    return 0


if __name__ == "__main__":
    sys.exit(main())
