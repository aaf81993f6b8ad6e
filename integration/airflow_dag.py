#!/usr/bin/env python3
"""Runs the DAG of deploy/airflow: green where all is well; after a run that failed, a second one exports what is missing and no more.

    airflow_dag.py COMMAND FOLDER

Runs in an environment that has Airflow. The services are imitations of its own. Exit code 1 where a task is tried again that should not
be, one that should be is not, or a window is exported twice.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

DAG = Path(__file__).resolve().parent.parent / "deploy" / "airflow" / "agentsight_export.py"


@contextlib.contextmanager
def service(command, *options):
    """An imitation, at the same place each time: another one would be another pipeline."""
    server = subprocess.Popen([command, "sample-server", *options], stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(2):
            name, value = server.stdout.readline().removeprefix("export ").strip().split("=", 1)
            os.environ[name] = value
        yield os.environ["AGENTSIGHT_API_ENDPOINT"].rsplit(":", 1)[1]
    finally:
        server.terminate()
        server.wait()


def airflow(folder, *arguments):
    """What Airflow prints goes to a file: it is shown where a check fails."""
    with open(folder / "airflow.log", "a") as log:
        return subprocess.run(["airflow", *arguments], stdout=log, stderr=subprocess.STDOUT).returncode


def dag_run(folder, file):
    """A run of the DAG: its exit code, and the state and tries of each task, by name and number."""
    code = airflow(folder, "dags", "test", "agentsight", "--conf", json.dumps({"pipeline": str(file), "windows_per_task": 3}))
    database = sqlite3.connect(folder / "airflow" / "airflow.db")
    run, = database.execute("SELECT run_id FROM dag_run ORDER BY id DESC LIMIT 1").fetchone()
    tasks = database.execute("SELECT task_id, map_index, state, try_number FROM task_instance WHERE run_id = ?", [run]).fetchall()
    database.close()
    return code, {(task, number): (state, tries) for task, number, state, tries in tasks}


def manifests(destination):
    return {path.name: path.read_bytes() for path in (destination / "_agentsight" / "windows").glob("*.json")}


def main(command, folder):
    command = Path(command).resolve()
    home = folder / "airflow"
    (home / "dags").mkdir(parents=True)
    # The same but for its patience.
    text = DAG.read_text()
    impatient = text.replace("timedelta(minutes=1)", "timedelta(seconds=1)")
    assert impatient != text
    (home / "dags" / DAG.name).write_text(impatient)
    (folder / "bin").mkdir()
    (folder / "bin" / "agentsight-export").symlink_to(command)
    os.environ |= {
        "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    file = folder / "dag.yml"
    destination = folder / "exports"
    file.write_text(
        "version: 1\nname: dag\nwindow: { from: 2026-03-01, to: 2026-05-01, every: week }\nfetch: { rate: 6000/min, retries: 1 }\n"
        f"destination: {destination}\noutputs:\n  - {{ path: '{{date}}.ndjson.gz' }}\n")
    assert airflow(folder, "db", "migrate") == 0
    began = time.monotonic()

    # The key is revoked on the way: what is left fails at once, and nothing is verified.
    with service(command, "--later", "14:keys-revoked") as port:
        code, tasks = dag_run(folder, file)
    exports = [tasks["export", number] for number in range(4)]
    assert code != 0 and tasks["plan", -1] == ("success", 1) and tasks["verify", -1][0] == "upstream_failed", tasks
    assert {state for state, _ in exports} == {"success", "failed"} and {tries for _, tries in exports} == {1}, tasks
    first = manifests(destination)
    assert 0 < len(first) < 10
    print(f"  exit code 3: {sum(state == 'failed' for state, _ in exports)} of 4 tasks failed, none was tried again; {len(first)} of 10 windows")

    # The service is away for a while: that is 75, and tried again. Only what is missing is exported.
    with service(command, "--port", port, "--later", "3:gone=4"):
        code, tasks = dag_run(folder, file)
        exports = [value for (task, _), value in tasks.items() if task == "export"]
        assert code == 0 and {state for state, _ in tasks.values()} == {"success"}, tasks
        assert max(tries for _, tries in exports) > 1, tasks
        second = manifests(destination)
        assert len(second) == 10 and all(second[name] == content for name, content in first.items())
        print(f"  exit code 75: {max(tries for _, tries in exports)} tries; {10 - len(first)} windows, in {len(exports)} tasks; "
              "the others are as they were")

        # Nothing is due: nothing is exported, and all is verified.
        code, tasks = dag_run(folder, file)
        assert code == 0 and tasks["export", -1][0] == "skipped" and tasks["verify", -1][0] == "success", tasks
        assert manifests(destination) == second
        subprocess.run([command, "run", "--quiet", file, "--set", f"destination={folder / 'lone'}"], check=True)
    subprocess.run(["diff", "-r", "-x", "_agentsight", destination, folder / "lone"], check=True)
    assert os.environ["AGENTSIGHT_API_KEY"] not in (folder / "airflow.log").read_text(), "the key is shown"
    print(f"  nothing due: green, and verified; the files are those of a lone run ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    work = Path(sys.argv[2]).resolve()
    try:
        main(sys.argv[1], work)
    except BaseException:
        if (work / "airflow.log").exists():
            shutil.copyfileobj(open(work / "airflow.log"), sys.stderr)
        raise
