#!/usr/bin/env python3
"""Reads tables through deploy/spark on a cluster of two executors, and compares them with the files of a run, as DuckDB has them.

    spark.py COMMAND FOLDER

The service is that of AGENTSIGHT_API_ENDPOINT. Exit code 1 where a row or a type is another, a row is lost or doubled when a task is
tried again, a failure is not told, or a key is shown.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from warehouses import canonical, loads

SOURCE = Path(__file__).resolve().parent.parent / "deploy" / "spark"
# As the columns of frames.yml, whose numbers they are.
TABLES = {1: "conversations", 2: "messages", 3: "attachments", 4: "action_logs"}
TYPES = {
    "BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "TIMESTAMP WITH TIME ZONE": "timestamp", "VARCHAR": "string", "JSON": "string",
}


def cluster(folder):
    # All of it on the loopback.
    os.environ |= {
        "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
        "SPARK_WORKER_DIR": str(folder / "workers"),
    }
    import pyspark

    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    sys.path.insert(0, str(SOURCE))
    from agentsight_spark import AgentSightDataSource
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false").config(
        "spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").config(
        "spark.log.level", "OFF").config("spark.ui.showConsoleProgress", "false").config(
        "spark.submit.pyFiles", str(SOURCE / "agentsight_spark.py")).getOrCreate()
    session.dataSource.register(AgentSightDataSource)
    return session


def written(command, file, folder):
    """The tables that a run wrote, loaded by the statements of `schema`: for each, its types and its rows."""
    import duckdb

    connection = duckdb.connect(str(folder / "frames.duckdb"))
    for arguments in ([], ["--load"]):
        script = subprocess.run(
            [command, "schema", file, "--for", "duckdb", *arguments], check=True, capture_output=True, text=True).stdout
        connection.execute(script)
    found = {}
    for number, table in TABLES.items():
        types = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
        quoted = {name: '"' + name.replace('"', '""') + '"' for name in types}
        values = ", ".join(
            f"epoch_us({quoted[name]})" if kind == "TIMESTAMP WITH TIME ZONE" else f"{quoted[name]}::VARCHAR" if kind == "JSON" else quoted[name]
            for name, kind in types.items())
        found[number] = types, connection.execute(f"SELECT {values} FROM {table}").fetchall()
    return found


def collected(frame, types):
    from pyspark.sql.functions import col, unix_micros

    def column(name):
        found = col("`" + name.replace("`", "``") + "`")
        return unix_micros(found) if types[name] == "TIMESTAMP WITH TIME ZONE" else found

    return [tuple(row) for row in frame.select(*map(column, types)).collect()]


def comparable(rows, types):
    """JSON whatever its spelling; all else as it is, and told apart from what Python holds for equal."""
    def value(kind, value):
        return canonical(loads(value)) if kind == "JSON" and value is not None else value

    return sorted(repr([value(kind, cell) for kind, cell in zip(types.values(), row)]) for row in rows)


def failure(work):
    try:
        work()
    except Exception as error:
        return str(error)
    raise AssertionError("nothing was said of a failure")


def in_small_batches(file, command, broken, ids):
    """Without Spark: batches that end anywhere between two rows, and a failure after some of them."""
    import agentsight_spark

    agentsight_spark.BATCH_BYTES = 1000
    pipeline = agentsight_spark.Pipeline({"pipeline": str(file), "binary": command})
    batches = [batch for window in pipeline.windows() for batch in pipeline.batches(window, pipeline.schema())]
    found = sorted(value.as_py() for batch in batches for value in batch.column("id"))
    assert found == ids and len(batches) > 100
    pipeline.binary = broken
    window = next(window for window in pipeline.windows() if window.unit == "2026-W13")
    rows = pipeline.batches(window, pipeline.schema())
    next(rows)
    said = failure(lambda: list(rows))
    assert "exit code 75" in said, said
    print(f"  {len(batches)} small batches: every row, and a failure after some is told")


def killed(file, folder):
    """A task's Python that is killed takes the command along."""
    child = folder / "child"
    binary = script(folder / "endless", f"echo $$ > {child}.new; mv {child}.new {child}; exec sleep 600")
    reader = subprocess.Popen([
        sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from agentsight_spark import *\n"
        f"list(Pipeline({{'pipeline': {str(file)!r}, 'binary': {binary!r}}}).batches(Window('2026-W13', None, 'now'), StructType([])))"])
    while not child.exists():
        assert reader.poll() is None
        time.sleep(0.05)
    reader.kill()
    reader.wait()
    for _ in range(100):
        if not Path("/proc", child.read_text().strip()).exists():
            return print("  a task that was killed: its command has ended, too")
        time.sleep(0.05)
    raise AssertionError("the command of a task that was killed goes on")


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def main(command, folder):
    command = str(Path(command).resolve())
    file = folder / "frames.yml"
    file.write_text(
        f"version: 1\nname: frames\nfilters: {{ include_deleted: true }}\nwindow: {{ from: 2026-03-01, to: 2026-05-01, every: week }}\n"
        f"fetch: {{ rate: 6000/min }}\ndestination: {folder / 'frames'}\noutputs:\n"
        "  - { table: conversations, flatten: [metadata, geo_location] }\n  - { table: messages, format: csv }\n"
        "  - { table: attachments }\n  - { table: action_logs, flatten: [metadata] }\n")
    # A second time, when all columns are known: so that the first windows have them, too.
    for more in ([], ["--force"]):
        subprocess.run([command, "run", "--quiet", file, *more], check=True)
    plan = json.loads(subprocess.run([command, "plan", file, "--format", "json"], check=True, capture_output=True).stdout)
    assert not plan["units"], "all windows are committed"
    tables = written(command, file, folder)

    os.environ["WRONG_KEY"] = "ags_00000000000000000000000000000000_wrong0"
    secrets = [os.environ["AGENTSIGHT_API_KEY"], os.environ["WRONG_KEY"]]
    session = cluster(folder)
    try:
        def frame(output, **options):
            reader = session.read.format("agentsight").option("pipeline", str(file)).option("binary", command).option("output", output)
            return reader.options(**options).load()

        for number, table in TABLES.items():
            types, rows = tables[number]
            found = frame(number, slots="2")
            kinds = dict(found.dtypes)
            assert set(kinds) - set(types) <= {"rest"} and set(types) <= set(kinds), (table, set(types) ^ set(kinds))
            for name, kind in types.items():
                assert kinds[name] == TYPES[kind], (table, name, kind, kinds[name])
            assert comparable(collected(found, types), types) == comparable(rows, types), f"{table}: the rows are not those of the run"
            partitions = found.rdd.getNumPartitions()
            assert partitions == len(plan["windows"]), (partitions, len(plan["windows"]))
            print(f"  {table}: {len(rows)} rows, {len(types)} columns, {partitions} partitions, as in the files")
        assert session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 3, "two executors and the driver"
        ids = sorted(row[0] for row in frame(1).select("id").collect())

        # Once, the child of one window breaks off in the middle of its rows.
        half = f'case "$*" in *"--unit 2026-W13"*) {{}}"{command}" "$@" | head -c 200000; exit 75;; esac\nexec "{command}" "$@"'
        once = script(folder / "once", half.format(f'[ -e "{folder}/broken" ] || {{ touch "{folder}/broken"; ').replace("exit 75;;", "exit 75; };;"))
        again = sorted(row[0] for row in frame(1, binary=once).select("id").collect())
        assert (folder / "broken").exists() and again == ids and len(set(ids)) == len(ids)
        print(f"  a task that was tried again: {len(again)} ids, each once")

        # Whole rows that came before a failure are not passed off as the window.
        broken = script(folder / "broken-off", half.format(""))
        in_small_batches(file, command, broken, ids)
        late = script(folder / "late", f'"{command}" "$@"; code=$?; [ "$1" != run ] || exit 4; exit $code')
        for title, wanted, work in (
            ("rows that break off", "exit code 75", lambda: frame(1, binary=broken).count()),
            ("a failure after the last row", "exit code 4", lambda: frame(1, binary=late).count()),
            ("a key that is refused", "exit code 3", lambda: frame(1, **{"set.1": "source.api_key=${WRONG_KEY}"}).count()),
            ("a filter that is none", "exit code 2", lambda: frame(1, **{"set.1": "filters.devise=mobile"})),
            ("an option that is none", "there is no option outptu", lambda: frame(1, outptu="2")),
        ):
            said = failure(work)
            assert wanted in said, (title, said)
            assert not any(secret in said for secret in secrets), f"{title}: a key is shown"
            print(f"  {title}: told")

        killed(file, folder)
        days = frame(1, **{"from": "2026-03-23", "to": "2026-03-30", "set.1": "filters.device=mobile"})
        assert days.rdd.getNumPartitions() == 1 and {row[0] for row in days.select("device").collect()} == {"mobile"}
        assert len(frame(1).limit(5).collect()) == 5
    finally:
        session.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
