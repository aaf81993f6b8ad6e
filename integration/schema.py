#!/usr/bin/env python3
"""Checks that the JSON Schema of pipeline files and the parser agree: what the one takes, the other takes.

    schema.py COMMAND WORK

COMMAND is the built command, WORK an empty folder. Exit code 1 where they differ.
"""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator


class Loader(yaml.SafeLoader):
    """YAML as editors read it (1.2): dates are text, `yes` is text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"), ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+0123456789."))]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))

WHOLE = """
version: 1
name: whole
source: { endpoint: "https://api.agentsight.io", api_key: "${AGENTSIGHT_API_KEY}", stream: conversations, detail: full, allow_http: [] }
filters:
  environment: production
  is_marked: true
  customer_id: u
  metadata: { tier: premium, analysis: { sentiment: positive } }
  only_deleted: false
  extra: { new_param: value }
window: { from: 2026-01-01, to: now, every: day, timezone: Europe/Zagreb, settle: 20m, lookback: 3d, refresh: [{ within: 90d, every: 1d, look: counts }, { every: 30d, look: lean }] }
fetch: { concurrency: 8, page_size: 100, rate: 900/min, timeout: 60s, retries: 6, walk: ranges, transfer: auto, unpaginated: lean }
destination: { url: "s3://bucket/prefix", endpoint: "https://storage.example.com", region: eu-central-1, path_style: true, lease: 60s }
outputs:
  - { table: conversations, format: csv, compression: { gzip: 9 }, path: "a/{date}.csv.gz", flatten: [metadata], dialect: warehouse }
  - { columns: [id, "metadata.*", { name: tier, path: metadata.customer_tier, type: string }], path: "b/{date}.ndjson.gz" }
"""

# Set, one after the other, in the whole file: (path, value). None takes it out. Each is right or wrong for both.
CHANGES = [
    ("version", 2), ("version", None), ("version", "1"), ("name", "a b"), ("name", ".."), ("name", "a.b-c_D"), ("nmae", "x"),
    ("source", []), ("source.endpoint", "ftp://x"), ("source.endpoint", "https://x.org/path"), ("source.api_key", "ags_0123"),
    ("source.stream", "messages"), ("source.detail", "lean"), ("source.detail", "ful"), ("source.extra", 1), ("source.allow_http", "x"),
    ("filters.environment", "produktion"), ("filters.environment", "dev"), ("filters.is_marked", "yes"), ("filters.is_marked", "True"),
    ("filters.customer_id", ""), ("filters.customer_id", 12), ("filters.customer_id", []), ("filters.metadata", {}),
    ("filters.metadata", "a:b"), ("filters.metadata", [1]), ("filters.feedback_sentiment", "bad"), ("filters.custmer_id", "x"),
    ("filters.extra", "x"), ("filters.page", 2), ("filters", None), ("filters.device", "${HOME}"),
    ("window.from", "2024-13-01x"), ("window.from", "-30d"), ("window.from", "now-2h"), ("window.from", "last week"),
    ("window.from", "2024-01-01T08:00:00Z"), ("window.to", "tomorow"), ("window.every", "year"), ("window.every", "week"),
    ("window.settle", "20"), ("window.settle", 0), ("window.settle", "1h"), ("window.lookback", "3 days"), ("window", "x"),
    ("window.refresh", []), ("window.refresh", "lean"), ("window.refresh.0.look", "count"), ("window.refresh.0.look", "lean"),
    ("window.refresh.0.look", None), ("window.refresh.0.every", "run"), ("window.refresh.0.every", "never"), ("window.refresh.0.often", "1d"),
    ("window.refresh.1.every", None), ("fetch.unpaginated", "all"), ("fetch.unpaginated", "always"), ("fetch.unpaginated", True),
    ("fetch.concurrency", 0), ("fetch.concurrency", 64), ("fetch.concurrency", 65), ("fetch.concurrency", "many"),
    ("fetch.page_size", 101), ("fetch.rate", "900"), ("fetch.rate", "1.5/s"), ("fetch.rate", 900), ("fetch.retries", -1),
    ("fetch.walk", "page"), ("fetch.transfer", "zip"), ("fetch.threads", 2), ("fetch", None),
    ("destination", None), ("destination", ""), ("destination", "exports"), ("destination", "s3://bucket"), ("destination", "~/x"),
    ("destination.url", None), ("destination.url", "https://x"), ("destination.region", "EU"), ("destination.path_style", "maybe"),
    ("destination.bucket", "x"), ("destination.endpoint", "https://store.example/a/b"), ("destination.endpoint", "store.example"), ("outputs", []), ("outputs", {}), ("outputs", None), ("outputs.0.format", "parquet"),
    ("outputs.0.table", "message"), ("outputs.0.compression", "zstd"), ("outputs.0.compression", {"gzip": 10}),
    ("outputs.0.compression", {}), ("outputs.0.compression", "none"), ("outputs.0.path", "/a/{date}"), ("outputs.0.dialect", "excel"),
    ("outputs.0.format", "ndjson"), ("outputs.0.format", None), ("outputs.0.exclude", ["device"]), ("outputs.0.hash", "device"),
    ("outputs.0.compression", {"zstd": 20}), ("outputs.0.compression", {"zstd": 19}),
    ("outputs.0.flatten", "metadata"), ("outputs.0.flatten", ["metdata"]), ("outputs.0.colums", ["id"]), ("outputs.1.columns", []),
    ("outputs.1.columns", ["id", {"name": "x"}]), ("outputs.1.columns", [{"name": "x", "path": "a.b", "type": "int"}]),
    ("outputs.1.columns", [{"name": "x", "path": "metadata.b", "type": "decimal"}]),
]


def changed(tree, path, value):
    tree, place = copy.deepcopy(tree), None
    *way, last = path.split(".")
    place = tree
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    last = int(last) if last.isdigit() else last
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return tree


def main():
    command, work = sys.argv[1], Path(sys.argv[2])
    schema = json.loads(Path("pipelines/pipeline.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    whole = yaml.load(WHOLE, Loader)
    cases = [(str(path), path.read_text()) for path in sorted(Path("pipelines").glob("*.yml"))] + [("whole", WHOLE)]
    cases += [(f"{path}: {value!r}", yaml.safe_dump(changed(whole, path, value))) for path, value in CHANGES]
    wrong = differ = 0
    for index, (name, text) in enumerate(cases):
        file = work / f"case{index}.yml"
        file.write_text(text)
        done = subprocess.run([command, "validate", "--format", "json", str(file)], capture_output=True, text=True)
        answer = json.loads(done.stdout)
        problems = [problem["message"] for problem in answer["files"][0]["problems"]]
        errors = [error.message for error in validator.iter_errors(yaml.load(text, Loader))]
        wrong += bool(problems)
        if bool(problems) != bool(errors):
            differ += 1
            print(f"{name}: the parser says {problems or 'right'}, the schema says {errors or 'right'}")
    print(f"schema: {len(cases)} files, {wrong} of them wrong, {differ} told apart")
    sys.exit(1 if differ else 0)


main()
