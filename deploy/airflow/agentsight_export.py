"""Runs a pipeline in Airflow: the due windows are divided into batches, a task exports each batch, and the last task checks every byte.

The destination records which windows are due. A DAG run after a failed one exports only the missing windows.
"""

import ctypes
import json
import logging
import signal
import subprocess
import tempfile
from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

# The number of tasks that export at the same time. They share the key, so each uses a part of `fetch.rate`, which the pipeline must set.
SLOTS = 4

# These need attention. Only 75 and killed commands are retried.
FINAL = {
    1: "some windows failed; the rest are committed",
    2: "the command or the pipeline is wrong; nothing was sent",
    3: "the service refused the key",
    4: "some windows are unsettled, or do not verify",
}

log = logging.getLogger(__name__)


def end_with_parent():
    """Ends the command if its task is killed. It exits within seconds and leaves no half-written file; otherwise it would keep its windows
    locked for the next try."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def agentsight_export(verb, *arguments):
    """Runs the command on the pipeline of this DAG run, and returns its standard output. Its standard error goes to the task's log."""
    command = ["agentsight-export", verb, get_current_context()["params"]["pipeline"], *arguments]
    with (
        tempfile.TemporaryFile("w+") as answer,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent) as child,
    ):
        try:
            for line in child.stderr:
                log.info("%s", line.rstrip())
            code = child.wait()
        except BaseException:
            child.terminate()
            raise
        if code in FINAL:
            raise AirflowFailException(f"agentsight-export {verb}: exit code {code}, {FINAL[code]}")
        if code:
            raise AirflowException(f"agentsight-export {verb}: exit code {code}, worth trying again")
        answer.seek(0)
        return answer.read()


@dag(
    schedule="17 2 * * *",
    catchup=False,
    max_active_runs=1,
    params={
        # On every worker, with a destination that all workers can access: a bucket, or a volume that is mounted everywhere.
        "pipeline": Param("/etc/agentsight-export/nightly.yml", type="string"),
        "windows_per_task": Param(7, type="integer", minimum=1),
    },
    default_args={
        "retries": 5,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=30),
    },
    tags=["agentsight"],
    doc_md=__doc__,
)
def agentsight():
    @task
    def plan() -> list[list[str]]:
        units = [unit["id"] for unit in json.loads(agentsight_export("plan", "--format", "json"))["units"]]
        size = get_current_context()["params"]["windows_per_task"]
        return [units[first : first + size] for first in range(0, len(units), size)]

    @task(max_active_tis_per_dag=SLOTS)
    def export(units: list[str]):
        agentsight_export("run", "--rate-share", f"1/{SLOTS}", *(f"--unit={unit}" for unit in units))

    # Runs even if no window is due.
    @task(trigger_rule="none_failed")
    def verify():
        log.info("%s", agentsight_export("verify"))

    export.expand(units=plan()) >> verify()


agentsight()
