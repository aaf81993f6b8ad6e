#!/usr/bin/env python3
"""Says which conversations of samples/conversations.ndjson each case of cases.json selects, and writes samples/expected.json.

Written from the service's documented behaviour alone, and sharing no line with the imitation or with the client: where all three
agree on the ids, none of them is wrong on its own.

    expected.py           writes samples/expected.json
    expected.py --check   compares it with what would be written; exit code 1 where they differ
"""

import argparse
import json
import re
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "samples"

ENVIRONMENTS = {"production": "production", "prod": "production", "development": "development", "dev": "development"}
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def instant(text):
    """A time of the service or of a filter; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def contains(part, text):
    return text is not None and part.lower() in text.lower()


def typed(text):
    """A metadata filter's value, as it looks."""
    if text in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[text]
    return Decimal(text) if NUMBER.fullmatch(text) else text


def same(wanted, value):
    """Whether two JSON values are one, of one type; numbers by their value, whatever their spelling."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return isinstance(wanted, Decimal) and wanted == Decimal(value)
    return type(wanted) is type(value) and wanted == value


def metadata_matches(key, text, metadata):
    found = metadata
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return same(typed(text), found)


def metadata_pairs(value):
    """The pairs of `key:value,key2:value2`, or of a map as a pipeline file has it."""
    if isinstance(value, str):
        return [tuple(pair.split(":", 1)) for pair in value.split(",")]
    return [(key, item if isinstance(item, str) else json.dumps(item)) for key, item in value.items()]


def texts(row):
    return [message["content"] for message in row["messages"]]


def search(words, row):
    """Each word somewhere in the name, the customer's id or a message."""
    places = [row["name"], row["customer_id"], *texts(row)]
    return all(any(contains(word, place) for place in places) for word in words.split())


FILTERS = {
    "conversation_id": lambda value, row: row["conversation_id"] == value,
    "customer_id": lambda value, row: row["customer_id"] == value,
    "customer_id__icontains": lambda value, row: contains(value, row["customer_id"]),
    "customer_ip_address": lambda value, row: row["customer_ip_address"] == value,
    "name": lambda value, row: contains(value, row["name"]),
    "device": lambda value, row: row["device"] == value,
    "language": lambda value, row: row["language"] == value,
    "environment": lambda value, row: row["environment"] == ENVIRONMENTS[value],
    "is_marked": lambda value, row: row["is_marked"] == value,
    "has_messages": lambda value, row: bool(row["messages"]) == value,
    "has_feedback": lambda value, row: bool(row["feedbacks"]) == value,
    "has_action": lambda value, row: any(message["action_logs"] for message in row["messages"]) == value,
    "include_tickets": lambda value, row: bool(row["tickets"]) or not value,
    "message_contains": lambda value, row: any(contains(value, text) for text in texts(row)),
    "search": search,
    "action_name": lambda value, row: any(contains(value, message["action_name"]) for message in row["messages"]),
    "feedback_sentiment": lambda value, row: any(feedback["sentiment"] == value for feedback in row["feedbacks"]),
    "feedback_source": lambda value, row: any(feedback["source"] == value for feedback in row["feedbacks"]),
    "metadata": lambda value, row: all(metadata_matches(key, text, row["metadata"]) for key, text in metadata_pairs(value)),
    # A span of time is [after, before).
    "started_at_after": lambda value, row: instant(row["started_at"]) >= instant(value),
    "started_at_before": lambda value, row: instant(row["started_at"]) < instant(value),
    # Deleted rows are left out unless they are asked for; `only_deleted` is the exporter's own, and keeps no others.
    "include_deleted": lambda value, row: True,
    "only_deleted": lambda value, row: row["is_deleted"] or not value,
}

# The older generation of the service takes `action_name` as the whole name.
OLD_FILTERS = FILTERS | {
    "action_name": lambda value, row: any(message["action_name"] == value for message in row["messages"]),
}


def selected(filters, rows, known=FILTERS):
    deleted = filters.get("include_deleted") or filters.get("only_deleted")
    unknown = set(filters) - set(FILTERS)
    if unknown:
        raise SystemExit(f"cases.json: unknown filters: {', '.join(sorted(unknown))}")
    hits = [
        row for row in rows
        if (deleted or not row["is_deleted"]) and all(known[name](value, row) for name, value in filters.items())
    ]
    return [row["id"] for row in sorted(hits, key=lambda row: (instant(row["started_at"]), row["id"]))]


def read_rows():
    with open(SAMPLES / "tickets.ndjson", encoding="utf-8") as lines:
        tickets = {entry["conversation"]: entry["tickets"] for entry in map(json.loads, lines)}
    with open(SAMPLES / "conversations.ndjson", encoding="utf-8", newline="\n") as lines:
        rows = [json.loads(line, parse_float=Decimal) for line in lines]
    for row in rows:
        row["tickets"] = tickets.get(row["id"], [])
    return rows


def evaluated():
    """The text of samples/expected.json: a case a line."""
    rows = read_rows()
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    names = [case["name"] for case in cases]
    if len(set(names)) != len(names):
        raise SystemExit("cases.json: two cases of one name")
    lines = []
    for case in cases:
        entry = {"filters": case["filters"], "ids": selected(case["filters"], rows)}
        old = selected(case["filters"], rows, OLD_FILTERS)
        if old != entry["ids"]:
            entry["old_ids"] = old
        lines.append(f"{json.dumps(case['name'])}: {json.dumps(entry, ensure_ascii=False, separators=(', ', ': '))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    arguments = parser.parse_args()
    path = SAMPLES / "expected.json"
    text = evaluated()
    if not arguments.check:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == text:
        print(f"{path.name}: {text.count(chr(10)) - 2} cases as expected")
        return 0
    print(f"{path.name} is not what integration/expected.py makes of the samples: run it without --check and look at the difference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
