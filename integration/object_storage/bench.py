"""What the checks work on: the command, the imitation of the service, moto's server, and the proxy between them."""

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config

from proxy import KEY_ID, SECRET, Proxy

BUCKET = "exports"
LOCK = "_agentsight/lock."
LIMIT = 300


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Bench:
    def __init__(self, command, work):
        self.command, self.work = command, Path(work)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        port = self.store("moto_server", "-H", "127.0.0.1", "-p", "PORT")
        self.proxy = Proxy(port)
        # Straight to the store, past the proxy: what is really there.
        self.s3 = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="x",
            aws_secret_access_key="x", config=Config(s3={"addressing_style": "path"}))
        self.s3.create_bucket(Bucket=BUCKET)
        return self

    def __exit__(self, *error):
        self.stack.close()

    def start(self, arguments, **options):
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)

        def end():
            process.kill()
            process.wait()

        self.stack.callback(end)
        return process

    def store(self, program, *arguments, **variables):
        """Starts a store, a program of the environment of these checks; gives the port that it listens on."""
        port = free_port()
        path = str(Path(sys.executable).parent / program)
        self.start([path, *(str(port) if argument == "PORT" else argument for argument in arguments)], env=os.environ | variables)
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return port
            time.sleep(0.1)
        raise SystemExit(f"{program} did not start")

    def serve(self, *options):
        """Starts an imitation of the service; gives the variables that lead to it."""
        server = self.start([self.command, "sample-server", *options])
        variables = {}
        while len(variables) < 2:
            line = server.stdout.readline().decode()
            if not line:
                raise SystemExit("the imitation did not start")
            name, _, value = line.removeprefix("export ").strip().partition("=")
            if name.startswith("AGENTSIGHT_API_"):
                variables[name] = value.strip("'\"")
        return variables

    def pipeline(self, name, text):
        path = self.work / f"{name}.yml"
        path.write_text(text)
        return str(path)

    def environment(self, service, **variables):
        temporary = self.work / "tmp"
        temporary.mkdir(exist_ok=True)
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL_S3": self.proxy.endpoint}
        all_variables = {"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)} | keys | service | variables
        return {name: value for name, value in all_variables.items() if value is not None}

    def run(self, service, *arguments, status=0, **variables):
        """Runs the command to its end; gives what it printed and said."""
        done = subprocess.run(
            [self.command, *arguments], env=self.environment(service, **variables), capture_output=True, text=True, timeout=LIMIT)
        check(done.returncode == status, f"{arguments}: exit {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        check(SECRET not in done.stdout + done.stderr, "the secret was shown")
        left = list((self.work / "tmp").iterdir())
        check(not left, f"left in the temporary folder: {left}")
        return done

    def begin(self, service, *arguments, **variables):
        return subprocess.Popen(
            [self.command, *arguments], env=self.environment(service, **variables), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def objects(self, prefix):
        """Every object below a prefix, by its path from there on."""
        found = {}
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix + "/"):
            for entry in page.get("Contents", []):
                body = self.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
                found[entry["Key"].removeprefix(prefix + "/")] = body
        return found

    def uploads(self):
        return self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


def folder(path):
    root = Path(path)
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def check(holds, words):
    if not holds:
        raise AssertionError(words)


def data(files):
    return {path: content for path, content in files.items() if not path.startswith("_agentsight/")}


def same(objects, files):
    """The bucket holds what the folder holds, to the byte, and nothing else but what runs say of themselves."""
    mine, theirs = data(objects), data(files)
    check(set(mine) == set(theirs), f"not the same files: {sorted(mine)} and {sorted(theirs)}")
    others = [f"{name}: {len(mine[name])} bytes, not {len(theirs[name])}" for name in mine if mine[name] != theirs[name]]
    check(not others, f"other bytes: {others}")
    consistent(objects)
    check(objects.get("_agentsight/columns.json") == files.get("_agentsight/columns.json"), "other columns")
    windows = [{name for name in side if name.startswith("_agentsight/windows/")} for side in (objects, files)]
    check(windows[0] == windows[1], "other windows")
    for name in windows[0]:
        mine, theirs = json.loads(objects[name]), json.loads(files[name])
        check(named(mine) == named(theirs), f"{name} names other files")
    digests = {json.loads(objects[name])["digests"]["path"] for name in windows[0]}
    litter = [
        name for name in objects
        if name.startswith("_agentsight/") and not name.startswith(("_agentsight/windows/", "_agentsight/runs/", LOCK))
        and name != "_agentsight/columns.json" and name not in digests]
    check(not litter, f"litter: {litter}")
    released(objects)


def released(objects):
    """Of each lock its last record alone is left, and it was given back."""
    locks = {name: json.loads(content) for name, content in objects.items() if name.startswith(LOCK)}
    names = {name.rpartition(".")[0] for name in locks}
    check(len(locks) == len(names) and all(record["released"] for record in locks.values()), f"locks: {locks}")


def named(manifest):
    """The files that a manifest names: those of the outputs, and that of the digests."""
    return [*manifest["files"], manifest["digests"]]


def consistent(objects):
    """Whatever stands there: no manifest speaks of a file that is not the one it names."""
    for name, content in objects.items():
        if name.startswith("_agentsight/windows/"):
            for file in named(json.loads(content)):
                found = objects.get(file["path"])
                check(found is not None, f"{name} names {file['path']}, which is missing")
                check(hashlib.sha256(found).hexdigest() == file["sha256"], f"{name} names {file['path']}, which is another file")
