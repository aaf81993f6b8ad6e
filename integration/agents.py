#!/usr/bin/env python3
"""Exports fifty agents with a key and a service each, of 0 to 20,000 rows. One key is revoked, one is always throttled.

    agents.py COMMAND FOLDER

Exit code 1 where another agent is not complete, the two are not named, or the others end later than the largest of them does alone.
"""

import contextlib
import gzip
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

AGENTS = 50
LARGEST = 20_000
# Requests that each service takes in a second.
RATE = 20
PAGE = 100
REVOKED, THROTTLED = "agent-07", "agent-23"


def rows(number):
    """Few are large, most are small, some are empty."""
    return 0 if number % 10 == 9 else int(LARGEST / (number + 1) ** 1.3)


def serve(command, number, stack):
    key = f"ags_{number:032x}_{number:06x}"
    name = f"agent-{number:02}"
    options = ["--rows", rows(number), "--seed", number + 1, "--key", key, "--rate-limit", RATE]
    if name == REVOKED:
        options += ["--later", "1:keys-revoked"]
    if name == THROTTLED:
        options += ["--faults", "1", "--fault", "throttle"]
    server = subprocess.Popen([command, "sample-server", *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(server.wait)
    stack.callback(server.kill)
    for line in server.stdout:
        name_, _, value = line.removeprefix("export ").strip().partition("=")
        if name_ == "AGENTSIGHT_API_ENDPOINT":
            return name, key, value.strip("'\"")
    raise SystemExit("the imitation did not start")


def main(command, folder):
    root = Path(folder)
    (root / "keys").mkdir()
    with contextlib.ExitStack() as stack:
        agents = [serve(command, number, stack) for number in range(AGENTS)]
        lines = []
        for name, key, endpoint in agents:
            (root / "keys" / f"{name}.key").write_text(key)
            lines.append(f"    - {{ name: {name}, api_key_file: {root}/keys/{name}.key, endpoint: '{endpoint}' }}")
        pipeline = root / "agents.yml"
        pipeline.write_text("\n".join([
            "version: 1", "name: agents", "source:", "  detail: lean", "  agents:", *lines,
            "window: { from: 2026-01-01, to: 2026-11-01, every: month }", "fetch: { concurrency: 32, retries: 3 }",
            f"destination: {root}/out",
            "outputs: [{}, { format: csv, columns: ['{agent}', id, started_at, metadata.*] }]"]))

        def export(*options):
            start = time.monotonic()
            arguments = [command, "run", str(pipeline), "--progress", "none", *options]
            run = subprocess.run(arguments, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
            return run, time.monotonic() - start

        # Of a service of its own: what it has just admitted, it does not admit again.
        _, _, endpoint = serve(command, 0, stack)
        largest, alone = export(
            "--agent", "agent-00", "--set", f"destination={root}/alone", "--set", f"source.agents.0.endpoint={endpoint}")
        assert largest.returncode == 0, largest.stderr
        begun = datetime.now(UTC)
        run, took = export()
        print(f"  exit code {run.returncode} after {took:.1f} s")
        assert run.returncode == 1, run.stderr
        named = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
        print("\n".join(f"  {line}" for line in named))
        assert len(named) == 2 and all(any(name in line for line in named) for name in (REVOKED, THROTTLED)), run.stderr
        assert f"{AGENTS - 2} of {AGENTS} agents complete" in run.stderr, run.stderr
        total, ends = 0, []
        for number, (name, key, endpoint) in enumerate(agents):
            ids = set()
            count = 0
            for path in (root / "out" / "conversations" / f"agent_name={name}").rglob("*.ndjson.gz"):
                with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                    found = [json.loads(line)["id"] for line in file]
                    count, ids = count + len(found), ids | set(found)
            if name in (REVOKED, THROTTLED):
                assert count == 0, name
                continue
            manifests = [json.loads(path.read_text()) for path in (root / "out/_agentsight/windows").glob(f"{name}@*.json")]
            assert len(manifests) == 10 and all(manifest["status"] == "proved" for manifest in manifests), name
            assert count == len(ids) == sum(manifest["proof"]["distinct_ids"] for manifest in manifests), name
            total += count
            ends += [datetime.fromisoformat(manifest["committed_at"]) for manifest in manifests]
        print(f"  {total} rows of {AGENTS - 2} agents, each once")
        # One after the other, by the limits of the services alone.
        least = sum(rows(number) / PAGE / RATE for number in range(AGENTS))
        ended = (max(ends) - begun).total_seconds()
        print(f"  they ended after {ended:.1f} s, the largest alone after {alone:.1f} s; one after the other it takes {least:.1f} s at least")
        # The small ones end beside the large one.
        assert ended < 1.3 * alone + 3, f"{ended:.1f} s"
        verified = subprocess.run([command, "verify", str(root / "out")], capture_output=True, text=True)
        assert verified.returncode == 0, verified.stdout
        print(f"  {verified.stdout.strip().splitlines()[-1].replace(str(root), '')}")


main(*sys.argv[1:])
