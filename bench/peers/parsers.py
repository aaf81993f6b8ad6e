"""How fast other parsers read pages of 100 rows: orjson into Python objects, simdjson into its own."""

import sys
import time

import orjson
import simdjson

with open(sys.argv[1], "rb") as file:
    rows = file.read().splitlines()
pages = [b'{"count":1,"results":[' + b",".join(rows[start:start + 100]) + b"]}" for start in range(0, len(rows), 100)]


def measure(name, parse):
    begun = time.monotonic()
    rounds = 0
    while time.monotonic() < begun + 1:
        for page in pages:
            parse(page)
        rounds += 1
    speed = sum(map(len, pages)) * rounds / (time.monotonic() - begun) / 1e6
    print(f"{name:32} {int(speed):>7} MB/s", flush=True)


measure("simdjson", simdjson.Parser().parse)
measure("orjson", orjson.loads)
