"""Conversations as a Spark DataFrame: a data source for Spark 4 that reads with agentsight-export.

    spark.dataSource.register(AgentSightDataSource)
    frame = spark.read.format("agentsight").option("pipeline", "support.yml").load()

Each window of the pipeline is a partition, which `agentsight-export run --stdout --unit ID` streams on an executor. Nothing is written to
the destination.
"""

import csv
import ctypes
import json
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import BooleanType, DoubleType, LongType, StringType, StructField, StructType, TimestampType

OPTIONS = ("pipeline", "output", "from", "to", "slots", "binary")

# The columns in the output of `schema --for clickhouse`, the only system in which names keep their case.
# JSON is text in both. Decimals have up to 76 digits, but Spark's at most 38, so they are text, too.
COLUMN = re.compile(r"^  `((?:[^`\\]|\\.)*)` (?:Nullable\()?(\w+)", re.MULTILINE | re.DOTALL)
TYPES = {
    "String": StringType(),
    "Decimal": StringType(),
    "Int64": LongType(),
    "Float64": DoubleType(),
    "Bool": BooleanType(),
    "DateTime64": TimestampType(),
}
ARROW = {
    StringType(): pyarrow.string(),
    LongType(): pyarrow.int64(),
    DoubleType(): pyarrow.float64(),
    BooleanType(): pyarrow.bool_(),
    TimestampType(): pyarrow.timestamp("us", tz="UTC"),
}

EXIT_CODES = {
    1: "the window failed",
    2: "the command or the pipeline is wrong",
    3: "the service refused the key",
    4: "the window is unsettled: rows changed while they were counted",
    75: "worth trying again",
}

# The size of a batch of text, and so the memory of a task, for windows of any size.
BATCH_BYTES = 8 << 20


class AgentSightError(Exception):
    """An error with the messages of agentsight-export, which contain no key and no content."""


class AgentSightDataSource(DataSource):
    @classmethod
    def name(cls):
        return "agentsight"

    def schema(self):
        return Pipeline(self.options).schema()

    def reader(self, schema):
        pipeline = Pipeline(self.options)
        if columns(schema) != columns(pipeline.schema()):
            raise AgentSightError("the columns are those of the pipeline: leave .schema(…) out, or load the frame again where they changed")
        return AgentSightReader(pipeline, schema)


class AgentSightReader(DataSourceReader):
    def __init__(self, pipeline, schema):
        self.pipeline = pipeline
        self.schema = schema

    def partitions(self):
        return self.pipeline.windows()

    def read(self, partition):
        # If there are no windows, Spark creates a partition of its own.
        return self.pipeline.batches(partition, self.schema) if isinstance(partition, Window) else iter(())


@dataclass
class Window(InputPartition):
    unit: str
    start: str | None
    end: str


class Pipeline:
    """A pipeline and the commands that read it. It is sent to the executors, with the text of its file."""

    def __init__(self, options):
        settings = sorted((name for name in options if name.startswith("set.")), key=lambda name: (len(name), name))
        for name in options:
            if name not in OPTIONS and name not in settings:
                raise AgentSightError(f"there is no option {name}; there are {', '.join(OPTIONS)}, and set.1, set.2, …")
        if "pipeline" not in options:
            raise AgentSightError('the option "pipeline" is missing: the file that says what to read')
        self.name = Path(options["pipeline"]).name
        self.text = Path(options["pipeline"]).read_bytes()
        self.binary = options.get("binary", "agentsight-export")
        self.span = [(name, options[name]) for name in ("from", "to") if name in options]
        self.rate_share = ["--rate-share", f"1/{options['slots']}"] if "slots" in options else []
        # Rows are sent as CSV, whatever the format of the output: each value is in its column or in `rest`, the empty string is not null,
        # and Arrow can parse it.
        number = int(options.get("output", 1))
        settings = [options[name] for name in settings]
        settings += [f"outputs.{number - 1}.format=csv", f"outputs.{number - 1}.dialect=warehouse"]
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.output = ["--output", str(number)]

    def schema(self):
        with self.started("schema", "--for", "clickhouse", *self.output) as command:
            lines = command.answer()
        return StructType([StructField(re.sub(r"\\(.)", r"\1", name), TYPES[kind]) for name, kind in COLUMN.findall(lines)])

    def windows(self):
        # --force: windows that are committed in the destination belong to the frame, too.
        with self.started("plan", "--force", "--format", "json", *bounds(self.span)) as command:
            return [Window(unit["id"], unit["start"], unit["end"]) for unit in json.loads(command.answer())["units"]]

    def batches(self, window, schema):
        """The rows of a window, as they arrive. If the command fails after some rows, the task fails, and Spark uses none of them."""
        # The bounds of the plan, so that `now` is the same for all partitions and retries.
        span = bounds([("from", window.start), ("to", window.end)])
        with self.started("run", "--stdout", "--quiet", "--unit", window.unit, *self.output, *span, *self.rate_share) as command:
            header = chunk(command.lines, 1)
            if not header.endswith(b"\n"):
                command.end()
            names = next(csv.reader([header.decode()]), [])
            check(names, schema, window)
            text = chunk(command.lines, BATCH_BYTES)
            while text:
                following = chunk(command.lines, BATCH_BYTES)
                if not following:
                    # The last row may be incomplete, unless the command exits with 0.
                    command.end()
                yield from parsed(text, names, schema, window)
                text = following
            command.end()

    @contextmanager
    def started(self, verb, *arguments):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
            # Keeps the file's name, which is the pipeline's name if the file sets none.
            file = Path(folder, self.name)
            file.write_bytes(self.text)
            child = subprocess.Popen(
                [self.binary, verb, file, *self.settings, *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                preexec_fn=end_with_parent if sys.platform == "linux" else None)
            try:
                yield Command(child, errors, f"{verb} {self.name}")
            finally:
                # If only the first rows of a frame are needed, Spark does not read the rest.
                child.terminate()
                child.stdout.close()
                child.wait()


class Command:
    def __init__(self, child, errors, title):
        self.child = child
        self.errors = errors
        self.title = title
        self.lines = child.stdout

    def answer(self):
        text = self.lines.read().decode()
        self.end()
        return text

    def end(self):
        code = self.child.wait()
        if code:
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").splitlines()[-20:]
            meaning = EXIT_CODES.get(code, "it was interrupted")
            raise AgentSightError("\n".join([f"agentsight-export {self.title}: exit code {code}, {meaning}", *said]))


def end_with_parent():
    """Ends the command if Spark kills the Python process of its task, so that it does not continue to send requests."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def bounds(span):
    return [f"--{name}={value}" for name, value in span if value is not None]


def columns(schema):
    return [(field.name, field.dataType) for field in schema.fields]


def chunk(lines, least):
    """The next rows, of at least that many bytes. A row ends at the end of a line, unless a quote is open."""
    parts, size, quotes = [], 0, 0
    for line in lines:
        parts.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if size >= least and quotes % 2 == 0:
            break
    return b"".join(parts)


def check(names, schema, window):
    known = schema.fieldNames()
    if set(names) == set(known):
        return
    different = [name for name in [*names, *known] if name not in names or name not in known]
    raise AgentSightError(
        f"window {window.unit} has other columns than the frame: {', '.join(different[:5])}. columns.json in the destination settles them: load "
        "the frame again where it has changed, and give a destination that driver and executors see under the same name")


def parsed(text, names, schema, window):
    """The rows as Arrow record batches."""
    try:
        table = read_csv(
            pyarrow.BufferReader(text),
            ReadOptions(column_names=names, block_size=len(text), use_threads=False),
            ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            ConvertOptions(
                column_types={field.name: ARROW[field.dataType] for field in schema.fields}, include_columns=schema.fieldNames(),
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
                true_values=["true"], false_values=["false"]))
    except pyarrow.ArrowInvalid:
        # Arrow's message would show a value.
        raise AgentSightError(f"window {window.unit} has a row that does not fit the columns of the frame") from None
    return table.combine_chunks().to_batches()
