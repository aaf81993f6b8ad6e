#!/usr/bin/env python3
"""Checks a run against a server that throttles: every row once, nothing asked for inside a pause, and metrics that say so.

    throttled.py FOLDER METRICS

Reads the server's own statistics from AGENTSIGHT_API_ENDPOINT. Exit code 1 where anything differs.
"""

import glob
import gzip
import json
import os
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families


def main(folder, metrics):
    ids = []
    for path in sorted(glob.glob(f"{folder}/**/*.ndjson.gz", recursive=True)):
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            ids += [json.loads(line)["id"] for line in file]
    endpoint = os.environ["AGENTSIGHT_API_ENDPOINT"]
    request = urllib.request.Request(
        f"{endpoint}/api/conversations/?page_size=1&full=false",
        headers={"Authorization": f"Api-Key {os.environ['AGENTSIGHT_API_KEY']}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        count = json.load(answer)["count"]
    with urllib.request.urlopen(f"{endpoint}/_sample/statistics") as answer:
        statistics = json.load(answer)
    print(f"  {len(ids)} rows, {len(set(ids))} distinct, {count} on the server; {statistics}")
    assert len(ids) == len(set(ids)) == count
    # Where nothing was throttled, nothing is shown.
    assert statistics["throttled"] > 0 and statistics["retry_after_periods"] > 0, statistics
    assert statistics["inside_retry_after"] == 0, statistics
    with open(metrics, encoding="utf-8") as file:
        samples = {
            (sample.name.removeprefix("agentsight_export_last_run_"), sample.labels.get("state")): sample.value
            for family in text_string_to_metric_families(file.read()) for sample in family.samples}
    print(f"  {len(samples)} metrics: {samples[('throttled', None)]:g} throttled, {samples[('throttled_seconds', None)]:g} s waited")
    assert samples[("rows", None)] == len(ids) and samples[("exit_code", None)] == 0
    assert samples[("throttled", None)] == statistics["throttled"]
    # The count above came after the run.
    assert samples[("requests", None)] == statistics["requests"] - 1
    # Each answer asks for a second at the least; periods that overlap are one.
    assert samples[("throttled_seconds", None)] >= statistics["retry_after_periods"], (samples, statistics)


if __name__ == "__main__":
    main(*sys.argv[1:])
