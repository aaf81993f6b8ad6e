#!/usr/bin/env python3
"""Checks exports to an S3-compatible store: moto's, behind a proxy that goes wrong on purpose.

    checks.py COMMAND WORK [NAME…]

COMMAND is the built command, WORK an empty folder, NAME one of the checks below (none: all). Exit code 1 at the first that fails.
"""

import json
import random
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import bench
import load
import warehouses
from bench import BUCKET, LOCK, Bench, check, consistent, data, folder, released, same
from proxy import KEY_ID, SECRET, Proxy

SMALL = """
version: 1
name: small
window: {{ from: 2026-03-01, to: 2026-05-01, every: week }}
destination: {destination}
outputs:
  - path: "json/dt={{date}}/a b+é.ndjson.gz"
  - {{ format: csv, path: "csv/{{window}}.csv.gz" }}
"""

SHARDS = """
version: 1
name: shards
window: {{ from: 2026-03-20, to: 2026-04-10, every: day }}
destination: {destination}
outputs: [{{ path: "{{date}}.ndjson.gz" }}, {{ format: csv, path: "{{date}}.csv.gz" }}]
"""

DAYS = """
version: 1
name: days
window: {{ from: 2026-03-01, to: 2026-06-09, every: day }}
destination: {destination}
"""

NIGHTS = """
version: 1
name: nights
window: {{ from: 2026-03-23, to: 2026-04-08, every: day }}
destination: {destination}
outputs: [{{ path: "{{date}}.ndjson", compression: none }}, {{ format: parquet, path: "{{date}}.parquet" }}]
"""

# Of March a file of three parts, of April one of two.
LARGE = """
version: 1
name: large
window: {{ from: 2026-03-01, to: 2026-05-01, every: month }}
destination: {destination}
outputs:
  - {{ compression: none, path: "{folder}/{{window}}.ndjson" }}
  - {{ format: csv, path: "csv/{{window}}.csv.gz" }}
"""


class Checks:
    def __init__(self, bench):
        self.bench, self.proxy, self.run = bench, bench.proxy, bench.run
        self.small_service = bench.serve("--rows", "400")
        self.large_service = bench.serve("--rows", "15000", "--plain-numbers")

    def files(self, template, service, name, **more):
        """A pipeline file, and what it exports to a folder."""
        out = self.bench.work / f"{name}-folder"
        text = template.format(destination=out, **more)
        path = self.bench.pipeline(name, text)
        self.run(service, "run", "-q", path)
        return path, folder(out)

    def after(self, *paths):
        """What a folder holds after these runs, one after the other: columns that one discovered are there for the next."""
        out = self.bench.work / f"after-{len(list(self.bench.work.glob('after-*')))}"
        for path in paths:
            self.run(self.large_service, "run", "-q", path, "--set", f"destination={out}")
        return folder(out)

    def forced(self, path, name):
        """What the folder holds after it was exported again: earlier windows get the columns that later ones brought."""
        self.run(self.small_service, "run", "-q", "--force", path)
        return folder(self.bench.work / f"{name}-folder")

    def set(self, prefix, **settings):
        more = "".join(f", {name}: {value}" for name, value in settings.items())
        return ["--set", f"destination={{url: 's3://{BUCKET}/{prefix}'{more}}}"]

    def kinds(self):
        return [request.kind for request in self.proxy.log]

    # What a folder does, a bucket does

    def whole(self):
        """run, plan, verify, status; again, and by force"""
        path, files = self.files(SMALL, self.small_service, "whole")
        url = f"s3://{BUCKET}/whole/x"
        self.proxy.reset()
        place = ["--set", f"destination={url}"]
        plan = json.loads(self.run(self.small_service, "plan", path, "--format", "json", *place).stdout)
        check({window["state"] for window in plan["windows"]} == {"due"}, f"planned: {plan}")
        check(self.run(self.small_service, "status", url, status=2).stderr.count("contains no export") == 1, "status of nothing")
        self.run(self.small_service, "run", path, *place)
        same(self.bench.objects("whole/x"), files)
        check(not self.bench.uploads(), "uploads are left")
        for arguments in (["verify", path, *place], ["verify", url], ["status", url], ["status", path, *place]):
            self.run(self.small_service, *arguments)
        verified = self.run(self.small_service, "verify", path, "--server", *place).stdout
        check("verified" in verified, verified)
        status = json.loads(self.run(self.small_service, "status", url, "--format", "json").stdout)
        check(status["windows"]["committed"] == len(plan["windows"]) and status["destination"] == url, f"status: {status}")
        check(len(status["runs"]) == 1 and status["runs"][0]["exit_code"] == 0, f"status: {status}")
        self.proxy.reset()
        check("nothing to do" in self.run(self.small_service, "run", path, *place).stderr, "a second run has something to do")
        check("put" not in self.kinds() and "delete" not in self.kinds(), f"a second run writes: {self.kinds()}")
        # Earlier windows get the columns that later ones brought.
        self.run(self.small_service, "run", "-q", "--force", path, *place)
        before = {name: entry for name, entry in self.times("whole/x").items() if "/runs/" not in name and LOCK not in name}
        self.run(self.small_service, "run", "--force", path, *place)
        after = {name: entry for name, entry in self.times("whole/x").items() if "/runs/" not in name and LOCK not in name}
        check(before == after, "what stands there with the same rows was written again")

    def times(self, prefix):
        pages = self.bench.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return {entry["Key"]: entry["LastModified"] for page in pages for entry in page.get("Contents", [])}

    def idle(self):
        """an idle run over 100 windows asks for each manifest once"""
        path = self.bench.pipeline("idle", DAYS.format(destination=f"s3://{BUCKET}/idle"))
        self.run(self.small_service, "run", "-q", path)
        self.proxy.reset()
        check("nothing to do: 100 windows" in self.run(self.small_service, "run", path).stderr, "an idle run has something to do")
        manifests = [request.key for request in self.proxy.log if request.kind == "get" and "/_agentsight/windows/" in request.key]
        check(len(manifests) == len(set(manifests)) == 100, f"{len(manifests)} of {len(set(manifests))} manifests are asked for")

    def large(self):
        """files in parts, to the same bytes"""
        path, files = self.files(LARGE, self.large_service, "large", folder="json")
        self.proxy.reset()
        self.run(self.large_service, "run", path, *self.set("large"))
        check(self.kinds().count("part") == 5 and self.kinds().count("complete") == 2, f"sent: {self.kinds()}")
        same(self.bench.objects("large"), files)
        self.run(self.large_service, "verify", f"s3://{BUCKET}/large")

    def damage(self):
        """what others change is found, and comes back by force"""
        path, files = self.files(SMALL, self.small_service, "damage")
        self.proxy.reset()
        place = self.set("damage")
        self.run(self.small_service, "run", "-q", path, *place)
        names = sorted(name for name in data(files) if files[name])
        s3, url = self.bench.s3, f"s3://{BUCKET}/damage"
        turned = bytearray(files[names[0]])
        turned[len(turned) // 2] ^= 1
        s3.put_object(Bucket=BUCKET, Key=f"damage/{names[0]}", Body=bytes(turned))
        s3.delete_object(Bucket=BUCKET, Key=f"damage/{names[1]}")
        s3.put_object(Bucket=BUCKET, Key="damage/stray", Body=b"x")
        s3.put_object(Bucket=BUCKET, Key="damage/_agentsight/odd", Body=b"x")
        said = self.run(self.small_service, "verify", url, status=4).stdout
        for words in (f"{names[0]}: the file has been changed: its SHA-256 differs from the manifest", f"{names[1]}: the file is missing",
                      "stray: the file belongs to no window", "_agentsight/odd: not part of an export"):
            check(words in said, f"not found: {words}\n{said}")
        for name in ("stray", "_agentsight/odd"):
            s3.delete_object(Bucket=BUCKET, Key=f"damage/{name}")
        self.run(self.small_service, "run", "-q", path, *place)
        self.run(self.small_service, "verify", url, status=4)
        self.run(self.small_service, "run", "-q", "--force", path, *place)
        self.run(self.small_service, "verify", url)
        same(self.bench.objects("damage"), self.forced(path, "damage"))

    # The store goes wrong

    def faults(self):
        """each kind of fault, at each kind of request"""
        path, files = self.files(LARGE, self.large_service, "faults", folder="json")
        passing = [(500, "InternalError"), (503, "SlowDown"), (503, "ServiceUnavailable"), (400, "RequestTimeout"), "reset",
                   "lost answer", "cut answer", "cut upload", "flip"]
        for fault in passing + ["error after 200"]:
            met = set()

            def once(request, fault=fault, met=met):
                kind = request.kind
                if LOCK in request.key:
                    kind += " lock"
                if request.key.endswith(".json"):
                    kind += " state"
                sends = request.headers.get("content-length", "0") != "0"
                fits = {"cut upload": sends, "flip": sends, "error after 200": kind == "complete",
                        # The answer to a HEAD has no body, which would say what the status means.
                        "cut answer": request.method != "HEAD", (400, "RequestTimeout"): request.method != "HEAD"}
                if kind in met or not fits.get(fault, True):
                    return None
                met.add(kind)
                return fault

            name = f"faults/{'-'.join(map(str, fault)) if isinstance(fault, tuple) else fault.replace(' ', '-')}"
            self.proxy.reset(once)
            self.run(self.large_service, "run", path, *self.set(name))
            self.proxy.reset()
            same(self.bench.objects(name), files)
            check(not self.bench.uploads(), f"{fault}: uploads are left")
            check(met, f"{fault}: nothing met it")

    def mixed(self):
        """a fifth of all requests goes wrong"""
        path, files = self.files(LARGE, self.large_service, "mixed", folder="json")
        for seed in range(3):
            chance = random.Random(seed)

            def fault(request):
                kinds = [(500, "InternalError"), (503, "SlowDown"), "reset", "lost answer", "cut upload", "cut answer"]
                return chance.choice(kinds) if chance.random() < 0.2 else None

            self.proxy.reset(fault)
            self.run(self.large_service, "run", path, *self.set(f"mixed/{seed}"))
            self.proxy.reset()
            same(self.bench.objects(f"mixed/{seed}"), files)
            check(not self.bench.uploads(), f"seed {seed}: uploads are left")

    def gone(self):
        """a store that stays away is worth trying again: 75; what is committed stays"""
        path, files = self.files(SMALL, self.small_service, "gone")
        puts = []

        def fault(request):
            if request.kind == "put" and "/windows/" in request.key:
                puts.append(request)
            return (503, "SlowDown") if len(puts) >= 4 else None

        self.proxy.reset(fault)
        said = self.run(self.small_service, "run", path, *self.set("gone", lease="5s"), status=75).stderr
        check("the request to the store failed in" in said and "SlowDown" in said, said)
        left = self.bench.objects("gone")
        consistent(left)
        # The fourth manifest and all that came behind it were refused.
        committed = sorted(name for name in left if name.startswith("_agentsight/windows/"))
        check(len(committed) == 3, f"committed: {committed}")
        named = [file["path"] for name in committed for file in json.loads(left[name])["files"]]
        rows = [name for name in named if name.endswith(".ndjson.gz")]
        check(len(named) == 6 and all(left[name] == files[name] for name in rows), f"not what a folder holds: {named}")
        written = self.times("gone")
        self.proxy.reset(clock=100)
        self.run(self.small_service, "run", path, *self.set("gone", lease="5s"))
        now = self.bench.objects("gone")
        same(now, files)
        # Their tables get the columns that came later, their rows stay.
        later = self.times("gone")
        again = [name for name in rows if later[f"gone/{name}"] != written[f"gone/{name}"]]
        check(rows and not again, f"a committed window was exported again: {again}")

    # The run dies

    def deaths(self):
        """kill -9 at any request, its answer lost or the request itself, over an export of another shape"""
        old, _ = self.files(LARGE, self.large_service, "old", folder="old")
        new, _ = self.files(LARGE, self.large_service, "new", folder="new")
        files = self.after(old, new)
        self.proxy.reset()
        self.run(self.large_service, "run", "-q", old, *self.set("deaths/0"))
        before = self.bench.objects("deaths/0")
        self.proxy.reset()
        self.run(self.large_service, "run", "-q", new, *self.set("deaths/0"))
        same(self.bench.objects("deaths/0"), files)
        requests = len(self.proxy.log)
        first = next(r.number for r in self.proxy.log if LOCK in r.key)
        points, died = range(first, requests), 0
        for number in points:
            for fault in ("reset", "lost answer"):
                prefix = f"deaths/{number}-{fault[0]}"
                for name, body in before.items():
                    self.bench.s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=body)
                died += self.die(new, prefix, number, fault)
                consistent(self.bench.objects(prefix))
                # The lease has passed, by the store's clock.
                self.proxy.reset(clock=100)
                self.run(self.large_service, "run", "-q", new, *self.set(prefix))
                same(self.bench.objects(prefix), files)
                check(not self.bench.uploads(), f"{prefix}: uploads are left")
        print(f"   {died} deaths at {len(points)} requests", flush=True)
        # A run may have ended where the last of its requests is no longer waited for.
        check(died >= 2 * (len(points) - 1), f"only {died} deaths at {len(points)} requests")

    def nights(self, count=30):
        """rows come, go, move and change; after each night, though its run was killed, the bucket has the rows of the service"""
        service, luck, died = load.Service(), random.Random(1), 0
        place = {"AGENTSIGHT_API_ENDPOINT": service.endpoint, "AGENTSIGHT_API_KEY": load.KEY}
        path = self.bench.pipeline("nights", NIGHTS.format(destination=f"s3://{BUCKET}/nights"))
        look = ["--refresh", "--look", "full"]
        for night in range(count):
            service.change(luck)
            if night % 3 == 1:
                died += self.die(path, "nights", luck.randrange(40, 140), luck.choice(["reset", "lost answer"]), place, *look)
            self.proxy.reset(clock=100)
            self.run(place, "run", "-q", path, *look)
            objects = self.bench.objects("nights")
            consistent(objects)
            rows = [warehouses.loads(line) for name, body in objects.items() if name.endswith(".ndjson")
                    for line in body.decode().splitlines()]
            found, wanted = ({int(row["id"]): unsigned(row) for row in side} for side in (rows, service.visible()))
            differ = [id for id in found.keys() | wanted.keys() if found.get(id) != wanted.get(id)]
            check(len(rows) == len(found) and not differ, f"night {night}: {len(rows)} rows, and these differ: {sorted(differ)}")
        self.run(place, "verify", f"s3://{BUCKET}/nights")
        print(f"   {died} of {count} runs killed", flush=True)
        check(died >= count // 6, f"only {died} runs were killed")

    def die(self, path, prefix, number, fault, service=None, *arguments):
        """Kills a run at a request; gives whether it died of it."""
        process, isTime = [], threading.Event()

        def kill(request):
            if request.number < number:
                return None
            isTime.wait()
            process[0].kill()
            process[0].wait()
            return fault

        self.proxy.reset(kill)
        process.append(self.bench.begin(service or self.large_service, "run", "-q", path, *self.set(prefix), *arguments))
        isTime.set()
        process[0].communicate(timeout=bench.LIMIT)
        self.proxy.rest()
        # At its last requests a run may have ended before it dies.
        check(process[0].returncode in (-9, 0), f"{prefix}: exit {process[0].returncode}")
        return process[0].returncode == -9

    def changed(self):
        """what a dead run had begun goes, though the next one writes elsewhere"""
        old, _ = self.files(LARGE, self.large_service, "first", folder="first")
        new, files = self.files(LARGE, self.large_service, "second", folder="second")
        both = self.after(old, new)
        self.proxy.reset()
        self.run(self.large_service, "run", "-q", old, *self.set("changed/0"))
        log = list(self.proxy.log)
        points = [r.number for r in log if r.kind in ("part", "complete", "put") and r.number > 5 and "/runs/" not in r.key]
        died = 0
        for point in points:
            prefix = f"changed/{point}"
            died += self.die(old, prefix, point, "lost answer")
            isCommitted = "_agentsight/windows/2026-03.json" in self.bench.objects(prefix)
            self.proxy.reset(clock=100)
            self.run(self.large_service, "run", "-q", new, *self.set(prefix))
            # With the first window that run had committed its columns, too.
            same(self.bench.objects(prefix), both if isCommitted else files)
            check(not self.bench.uploads(), f"{prefix}: uploads are left")
        print(f"   {died} deaths", flush=True)
        check(points and died >= len(points) - 1, f"only {died} deaths at {len(points)} requests")

    def interrupted(self):
        """SIGTERM between parts ends in order: 143, the lock given back, no uploads"""
        path, files = self.files(LARGE, self.large_service, "interrupted", folder="json")
        process, isTime = [], threading.Event()

        def fault(request):
            if request.kind == "part" and not isTime.is_set():
                isTime.set()
                process[0].terminate()
                return lambda: time.sleep(1)
            return None

        self.proxy.reset(fault)
        process.append(self.bench.begin(self.large_service, "run", path, *self.set("interrupted")))
        said = process[0].communicate(timeout=bench.LIMIT)[1]
        check(process[0].returncode == 143, f"exit {process[0].returncode}\n{said}")
        objects = self.bench.objects("interrupted")
        check(len(objects) == 1, f"left: {sorted(objects)}")
        released(objects)
        check(not self.bench.uploads(), "uploads are left")
        self.proxy.reset()
        self.run(self.large_service, "run", "-q", path, *self.set("interrupted"))
        same(self.bench.objects("interrupted"), files)

    # Two runs

    def held(self):
        """a second run is refused with the holder named, and so is verify; a dead run's lock ends with its lease"""
        path, files = self.files(SMALL, self.small_service, "held")
        goesOn, isHeld = threading.Event(), threading.Event()

        def fault(request):
            if request.kind == "put" and "/windows/" in request.key:
                isHeld.set()
                return goesOn.wait
            return None

        self.proxy.reset(fault)
        first = self.bench.begin(self.small_service, "run", path, *self.set("held", lease="5s"))
        check(isHeld.wait(60), "the first run did not come to its first window")
        # Longer than the lease: the run renews it.
        time.sleep(9)
        said = self.run(self.small_service, "run", path, *self.set("held"), status=75).stderr
        check(f"another run is writing to s3://{BUCKET}/held: process {first.pid} on " in said, said)
        self.run(self.small_service, "verify", f"s3://{BUCKET}/held", status=75)
        goesOn.set()
        said = first.communicate(timeout=bench.LIMIT)[1]
        check(first.returncode == 0, f"exit {first.returncode}\n{said}")
        same(self.bench.objects("held"), files)
        check(len({r.key for r in self.proxy.log if r.kind == "put" and LOCK in r.key}) > 5, "not renewed")
        # And one that dies.
        self.proxy.reset()
        dead = self.bench.begin(self.small_service, "run", "--force", path, *self.set("held", lease="5s"))
        while not any(request.kind == "put" and LOCK in request.key for request in self.proxy.log):
            time.sleep(0.01)
        time.sleep(0.2)
        dead.kill()
        dead.communicate()
        self.run(self.small_service, "run", "--force", path, *self.set("held"), status=75)
        time.sleep(8)
        self.run(self.small_service, "run", "-q", "--force", path, *self.set("held"))
        same(self.bench.objects("held"), self.forced(path, "held"))

    def shards(self):
        """four shards at once, one of them killed and started again, make what a single run makes, and fetch no window twice"""
        before = self.asked()
        path, files = self.files(SHARDS, self.large_service, "shards")
        single = self.asked() - before
        self.proxy.reset()
        before = self.asked()
        place = self.set("shards", lease="5s")
        runs = [self.bench.begin(self.large_service, "run", path, *place, "--shard", f"{shard}/4") for shard in range(4)]
        while sum(request.kind == "put" and "/windows/" in request.key for request in self.proxy.log) < 6:
            check(any(run.poll() is None for run in runs), "they ended before a window was committed")
            time.sleep(0.01)
        runs[3].kill()
        for shard, run in enumerate(runs):
            said = run.communicate(timeout=bench.LIMIT)[1]
            check(run.returncode == (0 if shard < 3 else -9), f"shard {shard}: exit {run.returncode}\n{said}")
        standing = {name for name in self.bench.objects("shards") if name.startswith("_agentsight/windows/")}
        windows = {name for name in files if name.startswith("_agentsight/windows/")}
        share = sum(json.loads(files[name])["requests"] for name in windows - standing)
        time.sleep(8)
        self.run(self.large_service, "run", path, *place, "--shard", "3/4")
        same(self.bench.objects("shards"), files)
        self.run(self.large_service, "verify", path, *place)
        check("nothing to do" in self.run(self.large_service, "run", path, *place).stderr, "a run of all has something to do")
        # The names of keys are asked for by each run; of the one that was killed, what it had not committed is fetched again. Idle
        # slots split ranges, of which four runs have more.
        all_of_them = self.asked() - before
        print(f"   {single} requests of a single run, {all_of_them} of the shards, {share} for {len(windows - standing)} windows again")
        check(standing and standing < windows, f"the killed run had committed all or nothing: {sorted(standing)}")
        check(all_of_them <= single + share + 6 * 2 + 21, "windows were fetched twice")

    def asked(self):
        """The requests that the large service has had so far."""
        with urllib.request.urlopen(self.large_service["AGENTSIGHT_API_ENDPOINT"] + "/_sample/statistics") as answer:
            return json.load(answer)["requests"]

    def lost(self):
        """a run whose lock another took stops before it commits anything more"""
        path, _ = self.files(SMALL, self.small_service, "lost")
        puts, others = [], []

        def fault(request):
            if request.kind == "put" and "/windows/" in request.key:
                puts.append(request.key)
                if len(puts) == 2:
                    # As one does that takes over: with the next number.
                    last = max(name for name in self.bench.objects("lost") if name.startswith(LOCK))
                    others.append(f"{LOCK}{int(last.removeprefix(LOCK)) + 1:012}")
                    self.bench.s3.put_object(Bucket=BUCKET, Key=f"lost/{others[0]}", Body=b'{"another": "run"}')
            return None

        self.proxy.reset(fault)
        said = self.run(self.small_service, "run", path, *self.set("lost"), status=1).stderr
        check(f"this run no longer holds s3://{BUCKET}/lost" in said, said)
        objects = self.bench.objects("lost")
        check(len(puts) == 2 and sum("/windows/" in name for name in objects) == 2, f"committed: {puts}")
        check(objects[others[0]] == b'{"another": "run"}', "the other run's lock was touched")
        consistent(objects)

    def asleep(self):
        """a run that slept while another came and went commits nothing more"""
        path, files = self.files(SMALL, self.small_service, "asleep")
        process, sleeps = [], threading.Event()

        def fault(request):
            if request.kind == "put" and "/windows/" in request.key and not sleeps.is_set():
                process[0].send_signal(signal.SIGSTOP)
                sleeps.set()
            return None

        self.proxy.reset(fault)
        process.append(self.bench.begin(self.small_service, "run", path, *self.set("asleep", lease="5s")))
        check(sleeps.wait(60), "the first run did not come to its first window")
        time.sleep(8)
        self.proxy.reset()
        self.run(self.small_service, "run", "-q", path, *self.set("asleep", lease="5s"))
        self.proxy.reset()
        process[0].send_signal(signal.SIGCONT)
        said = process[0].communicate(timeout=bench.LIMIT)[1]
        check(process[0].returncode == 1 and f"this run no longer holds s3://{BUCKET}/asleep" in said, said)
        check(not any(r.kind in ("put", "delete", "complete") and LOCK not in r.key for r in self.proxy.log), "it wrote")
        objects = self.bench.objects("asleep")
        # What it wrote of the lock was not the last, and goes with the next run.
        last = max(name for name in objects if name.startswith(LOCK))
        same({name: body for name, body in objects.items() if not name.startswith(LOCK) or name == last}, files)

    def conditions(self):
        """a store without writes on a condition is refused"""
        path, _ = self.files(SMALL, self.small_service, "conditions")
        said = "the store ignores If-None-Match"
        for number, fault in enumerate(["no conditions", (501, "NotImplemented")]):
            self.proxy.reset(lambda request, fault=fault: fault if "if-none-match" in request.headers else None)
            result = self.run(self.small_service, "run", path, *self.set(f"conditions/{number}"), status=2).stderr
            check(said in result, result)
            check(not self.bench.objects(f"conditions/{number}"), "something was written")

    def others(self):
        """a store that keeps no metadata, and one that heeds no condition, are refused"""
        path, _ = self.files(SMALL, self.small_service, "others")
        root = self.bench.work / "localbucket"
        (root / BUCKET).mkdir(parents=True)
        behind = Proxy(self.bench.store("localbucket", "--port", "PORT", str(root)))
        said = self.run(
            self.small_service, "run", path, *self.set("localbucket"), status=2, AWS_ENDPOINT_URL_S3=behind.endpoint).stderr
        check("the store does not return x-amz-meta-sha256" in said, said)
        check(not folder(root / BUCKET), "something was written")
        root = self.bench.work / "nanio"
        (root / BUCKET).mkdir(parents=True)
        port = self.bench.store(
            "nanio", "serve", "--data-dir", str(root), "--host", "127.0.0.1", "--port", "PORT", NANIO_ACCESS_KEY=KEY_ID,
            NANIO_SECRET_KEY=SECRET)
        said = self.run(
            self.small_service, "run", path, *self.set("nanio"), status=2, AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{port}").stderr
        check("the store ignores If-None-Match" in said, said)
        check(not folder(root / BUCKET), "something was written")

    # Who may

    def credentials(self):
        """from variables, shared files and a web identity; missing and refused ones"""
        path, files = self.files(SMALL, self.small_service, "credentials")
        none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
        self.proxy.reset()
        said = self.run(self.small_service, "run", path, *self.set("keys/0"), status=2, **none).stderr
        check("there are no credentials" in said and not self.proxy.log, said)
        said = self.run(self.small_service, "run", path, *self.set("keys/0"), status=1, AWS_ACCESS_KEY_ID="AKIDOTHER").stderr
        check("the store refused the credentials (InvalidAccessKeyId" in said, said)
        said = self.run(self.small_service, "run", path, *self.set("keys/0"), status=1, AWS_SECRET_ACCESS_KEY="wr0ng").stderr
        check("SignatureDoesNotMatch" in said and "wr0ng" not in said, said)
        said = self.run(
            self.small_service, "run", path, "--set", f"destination=s3://{BUCKET}-gone/x", status=2).stderr
        check("there is no such bucket" in said, said)
        shared = self.bench.work / "shared"
        shared.write_text(f"[night]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
        self.run(self.small_service, "run", "-q", path, *self.set("keys/1"), AWS_PROFILE="night",
                 AWS_SHARED_CREDENTIALS_FILE=str(shared), **none)
        same(self.bench.objects("keys/1"), files)
        token = self.bench.work / "token"
        token.write_text("a.web.token\n")
        self.web_identity(path, token, none)
        same(self.bench.objects("keys/2"), files)

    def web_identity(self, path, token, none):
        import http.server
        import urllib.parse

        issued = []

        class Service(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                check(form["Action"] == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"] == "a.web.token", f"{form}")
                issued.append(form["RoleArn"])
                body = (
                    "<AssumeRoleWithWebIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"
                    "<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>a/token+=</SessionToken>"
                    f"<SecretAccessKey>{SECRET}</SecretAccessKey><Expiration>2099-01-01T00:00:00Z</Expiration>"
                    "<AccessKeyId>ASIATEST</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
                    "</AssumeRoleWithWebIdentityResponse>").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.proxy.secrets["ASIATEST"] = SECRET
        self.run(
            self.small_service, "run", "-q", path, *self.set("keys/2"), AWS_ROLE_ARN="arn:aws:iam::1:role/exports",
            AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
            AWS_ENDPOINT_URL_STS=f"http://127.0.0.1:{server.server_address[1]}", **none)
        server.shutdown()
        check(len(issued) == 1, f"exchanged {len(issued)} times")
        tokens = {request.headers.get("x-amz-security-token") for request in self.proxy.log if "ASIATEST" in
                  request.headers.get("authorization", "")}
        check(tokens == {"a/token+="}, f"sessions: {tokens}")


def unsigned(row):
    """A row without the links that are signed for each response."""
    messages = [
        message | {"attachments": [attachment | {"file_url": None} for attachment in message["attachments"]]} for message in row["messages"]]
    return row | {"messages": messages}


ALL = ["whole", "idle", "large", "damage", "faults", "mixed", "gone", "interrupted", "held", "shards", "lost", "asleep", "conditions",
       "others", "credentials", "changed", "deaths", "nights"]


def main():
    command, work, *names = sys.argv[1:]
    with Bench(command, work) as found:
        checks = Checks(found)
        for name in names or ALL:
            words = getattr(checks, name).__doc__
            print(f"-- object storage: {words}", flush=True)
            start = time.monotonic()
            try:
                getattr(checks, name)()
            except AssertionError as error:
                sys.exit(f"{name}: {error}\nrequests: {[(r.number, r.kind, r.key) for r in checks.proxy.log][-40:]}")
            print(f"   {time.monotonic() - start:.1f} s", flush=True)
        print("object storage: all checks hold")


main()
