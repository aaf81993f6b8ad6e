#!/usr/bin/env python3
"""Checks the manifests of deploy/kubernetes against the schemas of Kubernetes, and runs the indexed job as its controller would.

    kubernetes_jobs.py COMMAND FOLDER

The service is that of AGENTSIGHT_API_ENDPOINT. Exit code 1 where a manifest has what a release does not know, what stands twice in it
differs, or the pods together do not make what a lone run makes.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kubernetes_validate
import yaml

MANIFESTS = Path(__file__).resolve().parent.parent / "deploy" / "kubernetes"
# To the last whose schemas there are. Those before 1.31 want onPodConditions in every rule, which their servers do not.
RELEASES = range(31, 38)
NAMES = ("cronjob.yml", "backfill.yml")


def documents(name):
    return {document["kind"]: document for document in yaml.safe_load_all((MANIFESTS / name).read_text())}


def job_of(kinds):
    return kinds["CronJob"]["spec"]["jobTemplate"]["spec"] if "CronJob" in kinds else kinds["Job"]["spec"]


def check_schemas():
    assert set(NAMES) == {path.name for path in MANIFESTS.glob("*.yml")}
    for name in NAMES:
        kinds = documents(name)
        for release in RELEASES:
            for document in kinds.values():
                kubernetes_validate.validate(document, f"1.{release}", strict=True)
        job_of(kinds)["backofLimit"] = 1
        try:
            kubernetes_validate.validate(kinds.get("CronJob") or kinds["Job"], f"1.{RELEASES[-1]}", strict=True)
        except kubernetes_validate.ValidationError:
            print(f"  {name}: {', '.join(kinds)} as Kubernetes 1.{RELEASES[0]} to 1.{RELEASES[-1]} have them")
        else:
            raise AssertionError("a field that is none was taken")


def check_pods(name):
    """What no schema says: a pod that is not root, cannot change its image, and has the files that it is told of."""
    pod = job_of(documents(name))["template"]["spec"]
    container, = pod["containers"]
    assert pod["restartPolicy"] == "Never" and pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert set(container["resources"]) == {"requests", "limits"}


def action(job, code):
    """What the controller does after an exit code: rules in their order, and what none is for counts."""
    for rule in job["podFailurePolicy"]["rules"]:
        if code in rule.get("onExitCodes", {}).get("values", []):
            return rule["action"]
    return "Count"


def run_job(command, folder):
    kinds = documents("backfill.yml")
    job = job_of(kinds)
    container = job["template"]["spec"]["containers"][0]
    assert f"auto/{job['completions']}" in container["args"] and f"1/{job['parallelism']}" in container["args"]
    # The places of a pod, in this folder.
    (folder / "api_key").write_text(os.environ["AGENTSIGHT_API_KEY"])
    file = folder / "backfill.yml"
    text = kinds["ConfigMap"]["data"]["backfill.yml"]
    file.write_text(text.replace("/run/secrets/agentsight", str(folder)).replace("/exports", str(folder)))
    arguments = [str(file) if word == "/etc/agentsight-export/backfill.yml" else word for word in container["args"]]
    environment = {name: value for name, value in os.environ.items() if name != "AGENTSIGHT_API_KEY"}

    def pod(index, *more, **variables):
        return subprocess.run(
            [command, *arguments, "--quiet", *more], env=environment | {"JOB_COMPLETION_INDEX": str(index)} | variables,
            stderr=subprocess.DEVNULL).returncode

    # What becomes of a pod by its exit code.
    away = pod(0, "--set", "fetch.retries=0", AGENTSIGHT_API_ENDPOINT="http://127.0.0.1:9")
    wrong = pod(job["completions"])
    assert (away, action(job, away)) == (75, "Count") and (wrong, action(job, wrong)) == (2, "FailJob"), (away, wrong)
    (folder / "other_key").write_text("ags_00000000000000000000000000000000_wrong0")
    refused = pod(0, "--set", f"source.api_key_file={folder / 'other_key'}")
    assert (refused, action(job, refused)) == (3, "FailJob"), refused
    assert [action(job, code) for code in (1, 4, 137, 143)] == ["FailIndex", "FailIndex", "Count", "Count"]

    asked, began = requests(), time.monotonic()
    with ThreadPoolExecutor(job["parallelism"]) as pods:
        codes = list(pods.map(pod, range(job["completions"])))
    asked, seconds = requests() - asked, time.monotonic() - began
    assert set(codes) == {0}, codes
    plan = json.loads(subprocess.run([command, "plan", file, "--format", "json"], check=True, capture_output=True).stdout)
    assert not plan["units"] and all(window["state"] == "committed" for window in plan["windows"])
    subprocess.run([command, "verify", file], check=True, stdout=subprocess.DEVNULL)
    lone = folder / "lone"
    subprocess.run([command, "run", "--quiet", file, "--set", f"destination={lone}", "--set", "fetch.rate=6000/min"], check=True)
    subprocess.run(["diff", "-r", "-x", "_agentsight", folder / "backfill", lone], check=True)
    # 900 a minute, of all of them together; the first request of each share goes out at once.
    assert asked <= 15 * seconds + job["completions"], (asked, seconds)
    print(f"  {job['completions']} shares, {job['parallelism']} at one time: {len(plan['windows'])} windows in {seconds:.0f} s, "
          f"{asked / seconds:.1f} requests a second of 15; the files are those of a lone run")


def requests():
    with urllib.request.urlopen(f"{os.environ['AGENTSIGHT_API_ENDPOINT']}/_sample/statistics") as answer:
        return json.load(answer)["requests"]


def main(command, folder):
    check_schemas()
    for name in NAMES:
        check_pods(name)
    run_job(str(Path(command).resolve()), folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
