"""The imitation of the service, served by the command that is measured."""

import os
import subprocess
import sys


def serve(command, rows, *options, core=None):
    """Serves so many rows of some 7 KB, on one core where that is given. Returns its process, and an environment that leads to it."""
    server = subprocess.Popen(
        [command, "sample-server", "--rows", str(rows), "--row-bytes", "7000", *options], stdout=subprocess.PIPE, text=True,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}))
    environment = dict(os.environ)
    wanted = {"AGENTSIGHT_API_ENDPOINT", "AGENTSIGHT_API_KEY"}
    while wanted:
        line = server.stdout.readline()
        if not line:
            sys.exit("the imitation did not start")
        name, _, value = line.removeprefix("export ").strip().partition("=")
        environment[name] = value
        wanted.discard(name)
    return server, environment
