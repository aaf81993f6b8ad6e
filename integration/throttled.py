#!/usr/bin/env python3
"""Checks a run against a server that throttles: every row once, and nothing asked for inside a pause.

    throttled.py FOLDER

Reads the server's own statistics from AGENTSIGHT_API_ENDPOINT. Exit code 1 where anything differs.
"""

import glob
import gzip
import json
import os
import sys
import urllib.request


def main(folder):
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
    assert statistics["inside_retry_after"] == 0, statistics


if __name__ == "__main__":
    main(sys.argv[1])
