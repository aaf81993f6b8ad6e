"""The vendor's own client, page after page, through Python's gzip."""

import gzip
import json
import sys

from agentsight.api import AgentSight

client = AgentSight()
with gzip.open(sys.argv[1], "wt", encoding="utf-8") as file:
    for row in client.conversations.list_full(ordering="started_at"):
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
