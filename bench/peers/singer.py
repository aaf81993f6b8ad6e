"""A tap of Meltano's SDK, through gzip."""

import json
import os
import urllib.request

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BasePageNumberPaginator


ANYTHING = ["object", "array", "string", "number", "boolean", "null"]


class Pages(BasePageNumberPaginator):
    def has_more(self, response):
        return response.json()["next"] is not None


class Conversations(RESTStream):
    name = "conversations"
    path = "/api/conversations/"
    url_base = os.environ["AGENTSIGHT_API_ENDPOINT"]
    records_jsonpath = "$.results[*]"
    primary_keys = ["id"]

    @property
    def schema(self):
        # Rows as they come: what a schema does not name is dropped.
        request = urllib.request.Request(self.url_base + self.path + "?full=true&page_size=1", headers=self.http_headers)
        row = json.load(urllib.request.urlopen(request))["results"][0]
        return {"type": "object", "properties": {name: {"type": ANYTHING} for name in row}}

    @property
    def http_headers(self):
        return {"Authorization": f"Api-Key {os.environ['AGENTSIGHT_API_KEY']}"}

    def get_new_paginator(self):
        return Pages(1)

    def get_url_params(self, context, next_page_token):
        return {"full": "true", "page_size": 100, "ordering": "started_at", "page": next_page_token}


class Conversation(Tap):
    name = "tap-agentsight"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Conversations(self)]


Conversation.cli(["--config", "ENV"])
