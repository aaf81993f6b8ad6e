"""The imitation of the service, served by the command that is measured."""

import contextlib
import os
import socket
import subprocess
import sys


@contextlib.contextmanager
def serve(command, rows, *options, core=None):
    """Serves so many rows, on one core where that is given. Gives an environment that leads to it."""
    place = [] if core is None else ["taskset", "--cpu-list", str(core)]
    server = subprocess.Popen([*place, command, "sample-server", "--rows", str(rows), *options], stdout=subprocess.PIPE, text=True)
    try:
        environment = dict(os.environ)
        wanted = {"AGENTSIGHT_API_ENDPOINT", "AGENTSIGHT_API_KEY"}
        while wanted:
            line = server.stdout.readline()
            if not line:
                sys.exit("the imitation did not start")
            name, _, value = line.removeprefix("export ").strip().partition("=")
            environment[name] = value
            wanted.discard(name)
        yield environment
    finally:
        server.kill()
        server.wait()


def free_port():
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
