"""Pages of a list as the service's reference describes them."""

from json_oracle import Number, Pairs, canonical, compare, read, whole

FIELDS = ["id", "started_at", "is_deleted"]


def problem(envelope):
    """The first thing that is wrong with the shape, in the order of the text."""
    if not isinstance(envelope, Pairs):
        return "notAnObject"
    has_results = False
    seen = set()
    for key, value in envelope:
        if key in ("count", "next", "results"):
            if key in seen:
                return f"keyTwice:{key}"
            seen.add(key)
        if key == "count" and value is not None:
            count = whole(value) if isinstance(value, Number) else None
            if count is None or count < 0:
                return "countNotAnInteger"
        if key == "next" and value is not None and (not isinstance(value, str) or isinstance(value, Number)):
            return "nextNotAString"
        if key == "results":
            has_results = True
            if isinstance(value, Pairs) or not isinstance(value, list):
                return "resultsNotAnArray"
            rows = 0
            for row in value:
                if not isinstance(row, Pairs):
                    return f"rowNotAnObject:{rows}"
                rows += 1
    return None if has_results else "resultsMissing"


def expected(given):
    found = read(given)
    if found is None:
        return b"json"
    envelope = found[1]
    if wrong := problem(envelope):
        return wrong.encode()
    last = dict(envelope)
    count, link = last.get("count"), last.get("next")
    parts = [b"c-;" if count is None else b"c%d;" % whole(count)]
    parts.append(b"h-;" if "next" not in last else b"hf;" if link is None else b"ht;")
    for row in last["results"]:
        parts.append(canonical(row))
        fields = dict(row)
        parts += [canonical(fields[name]) if name in fields else b"-" for name in FIELDS]
    return b"".join(parts)


def judge(given, answer):
    return compare(expected(given), answer)
