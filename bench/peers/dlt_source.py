"""dlt's REST source into gzip JSON lines: as it comes, with a table for each list in the rows; `--whole-rows` leaves those in them."""

import os
import sys

import dlt
from dlt.sources.rest_api import rest_api_source

resource = {"max_table_nesting": 0} if "--whole-rows" in sys.argv[2:] else {}
source = rest_api_source({
    "client": {
        "base_url": os.environ["AGENTSIGHT_API_ENDPOINT"] + "/api/",
        "auth": {"type": "api_key", "name": "Authorization", "location": "header", "api_key": "Api-Key " + os.environ["AGENTSIGHT_API_KEY"]},
        "paginator": {"type": "page_number", "base_page": 1, "total_path": None},
    },
    "resources": [{
        "name": "conversations", **resource,
        "endpoint": {
            "path": "conversations/", "data_selector": "results",
            # The page behind the last one.
            "response_actions": [{"status_code": 404, "action": "ignore"}],
            "params": {"full": "true", "page_size": 100, "ordering": "started_at"},
        },
    }],
})
pipeline = dlt.pipeline(
    "bench", pipelines_dir=sys.argv[1] + ".state", dataset_name="bench",
    destination=dlt.destinations.filesystem(bucket_url="file://" + sys.argv[1]))
pipeline.run(source, loader_file_format="jsonl")
