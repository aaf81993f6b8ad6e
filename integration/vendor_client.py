#!/usr/bin/env python3
"""Runs the vendor's own client against the imitation, and compares what it brings with samples/expected.json.

The imitation is only worth something if it behaves like the service; nobody knows the service's ways better than the client its
makers wrote. Needs `pip install agentsight==0.1.4`, and the imitation serving the committed sample (400 rows, seed 1):

    AGENTSIGHT_API_ENDPOINT=http://127.0.0.1:8400 AGENTSIGHT_API_KEY=ags_… vendor_client.py --generation new

Exit code 1 where anything differs.
"""

import argparse
import json
import sys
from pathlib import Path

import agentsight
from agentsight.api import AgentSight

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
UNKNOWN_KEY = "ags_" + "f" * 32 + "_" + "f" * 6
UNPAID_KEY = "ags_" + "0" * 32 + "_000401"
FORBIDDEN_KEY = "ags_" + "0" * 32 + "_000403"

# The client's list has no filter for the source of a feedback; the seed document's has.
NOT_IN_THE_CLIENT = {"feedback_source"}


def as_arguments(filters):
    """A case's filters as the client takes them; nil where it cannot. `only_deleted` and half-open ranges are the exporter's own."""
    if NOT_IN_THE_CLIENT & set(filters):
        return None
    arguments = {name: value for name, value in filters.items() if name != "only_deleted"}
    if filters.get("only_deleted"):
        arguments["include_deleted"] = True
    if isinstance(filters.get("metadata"), dict):
        pairs = {key: value if isinstance(value, str) else json.dumps(value) for key, value in filters["metadata"].items()}
        if any(mark in value for value in pairs.values() for mark in ",:"):
            if len(pairs) > 1:
                return None
            del arguments["metadata"]
            (arguments["metadata_key"], arguments["metadata_value"]), = pairs.items()
        else:
            arguments["metadata"] = ",".join(f"{key}:{value}" for key, value in pairs.items())
    return arguments


class Comparison:
    def __init__(self):
        self.checks = 0
        self.failures = []

    def expect(self, name, holds, detail=""):
        self.checks += 1
        if not holds:
            self.failures.append(f"{name}: {detail}" if detail else name)

    def expect_error(self, name, kind, call):
        try:
            call()
        except agentsight.AgentSightError as error:
            self.expect(name, type(error) is kind, f"{type(error).__name__} in the place of {kind.__name__}")
        else:
            self.expect(name, False, f"no {kind.__name__}")


def compare_lists(client, comparison, generation):
    rows = {}
    with open(SAMPLES / "conversations.ndjson", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row = json.loads(line)
            rows[row["id"]] = row
    cases = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    for name, case in cases.items():
        if generation == "old":
            case["ids"] = case.get("old_ids", case["ids"])
        arguments = as_arguments(case["filters"])
        if arguments is None:
            continue
        for detail, listing in (("lean", client.conversations.list), ("full", client.conversations.list_full)):
            if detail == "full" and len(case["ids"]) > 60:
                continue
            found = list(listing(ordering="started_at,id", **arguments))
            if case["filters"].get("only_deleted"):
                found = [row for row in found if row["is_deleted"]]
            ids = [row["id"] for row in found]
            # The service's range includes its end, the exporter's does not.
            before = case["filters"].get("started_at_before")
            if before:
                missing, more = set(case["ids"]) - set(ids), set(ids) - set(case["ids"])
                at_end = client.conversations.list(started_at_after=before, started_at_before=before, include_deleted=True)
                comparison.expect(f"{name} ({detail})", not missing and more <= {row["id"] for row in at_end})
            else:
                comparison.expect(f"{name} ({detail})", ids == case["ids"], f"{len(ids)} rows, {len(case['ids'])} expected")
            if detail == "full" and not case["filters"].get("include_tickets"):
                comparison.expect(f"{name}: rows as in the sample", all(row == rows[row["id"]] for row in found))


def compare_pages(client, comparison, generation):
    expected = len(json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))["no filters"]["ids"])
    pages = list(client.conversations.list(ordering="id").pages())
    sizes = [len(page) for page in pages]
    comparison.expect("pages of 100", sizes == [100] * (expected // 100) + ([expected % 100] if expected % 100 else []), str(sizes))
    comparison.expect("the count on every page", all(page.count == expected for page in pages))
    comparison.expect("ids over all pages", len({row["id"] for page in pages for row in page}) == expected)
    walked = list(client.conversations.list(ordering="id").pages())
    comparison.expect("the same walk again", [row["id"] for page in walked for row in page] == [row["id"] for page in pages for row in page])
    if generation == "old":
        comparison.expect("four keys", all(page.total_pages is None and page.current_page is None for page in pages))
    else:
        comparison.expect("seven keys", [page.current_page for page in pages] == list(range(1, len(pages) + 1)))
        comparison.expect("total_pages", all(page.total_pages == len(pages) and page.page_size == 100 for page in pages))
    beyond = client.conversations.list()
    comparison.expect_error("a page out of range", agentsight.NotFoundError, lambda: beyond.page(len(pages) + 1))


def compare_single_rows(client, comparison):
    row = client.conversations.list(include_tickets=True).first()
    by_number = client.conversations.get(row["id"])
    comparison.expect("a row by its number", by_number["conversation_id"] == row["conversation_id"])
    comparison.expect("its tickets", by_number["tickets"] == row["tickets"] and bool(row["tickets"]))
    comparison.expect("its spending in text", isinstance(by_number["token_usage"]["cost_usd"], str))
    comparison.expect("a row by its conversation_id", client.conversations.get(row["conversation_id"]) == by_number)
    comparison.expect_error("no such row", agentsight.NotFoundError, lambda: client.conversations.get(999_999_999))
    comparison.expect_error("no such conversation_id", agentsight.NotFoundError, lambda: client.conversations.get("conv-none"))


def compare_identity(client, comparison, generation):
    if generation == "old":
        comparison.expect_error("no identity", agentsight.NotFoundError, client.me)
        comparison.expect_error("no metadata keys", agentsight.NotFoundError, client.conversations.metadata_keys)
        return
    comparison.expect("environments", client.environments() == ["production", "development"])
    comparison.expect("identity", {"agent_id", "agent_name", "role"} <= set(client.me()))
    comparison.expect("metadata keys", "analysis.sentiment" in client.conversations.metadata_keys()["keys"])
    comparison.expect("message metadata keys", "model" in client.conversations.message_metadata_keys()["keys"])


def compare_errors(client, comparison):
    conversations = client.conversations
    comparison.expect_error("a bad environment", agentsight.ValidationError, lambda: conversations.list(environment="staging").page())
    comparison.expect_error("a bad time", agentsight.ValidationError, lambda: conversations.list(started_at_after="yesterday").page())
    for name, key, kind in (
        ("an unknown key", UNKNOWN_KEY, agentsight.AuthenticationError),
        ("an unpaid key", UNPAID_KEY, agentsight.SubscriptionInactiveError),
        ("a forbidden key", FORBIDDEN_KEY, agentsight.PermissionDeniedError),
    ):
        with AgentSight(api_key=key) as other:
            comparison.expect_error(name, kind, lambda: other.conversations.list().page())
    comparison.expect_error("a key of the wrong shape", agentsight.InvalidApiKeyError, lambda: AgentSight(api_key="nonsense"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generation", choices=["old", "new"], default="new", help="of the service that is imitated")
    generation = parser.parse_args().generation
    comparison = Comparison()
    with AgentSight() as client:
        compare_lists(client, comparison, generation)
        compare_pages(client, comparison, generation)
        compare_single_rows(client, comparison)
        compare_identity(client, comparison, generation)
        compare_errors(client, comparison)
    for failure in comparison.failures:
        print(f"differs: {failure}", file=sys.stderr)
    print(f"vendor's client, {generation} generation: {comparison.checks - len(comparison.failures)} of {comparison.checks} checks hold")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
