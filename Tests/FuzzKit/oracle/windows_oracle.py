"""Windows as zoneinfo and the calendar of Python have them."""

import json
import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)
LIMIT = 200_000
SHORTEST = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 28 * 86_400}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|z|[+-]\d\d:?\d\d)?)?", re.ASCII)
WORDS = re.compile(r"(today|yesterday|tomorrow|now)?(?:-(\d+)([smhdw]))?", re.ASCII)
# What the two copies of the zone database are certain to agree on.
FIRST, LAST = 63_072_000, 2_114_380_800


class Zone:
    def __init__(self, name):
        self.info = ZoneInfo(name)

    def offset(self, second):
        moment = datetime.fromtimestamp(second, timezone.utc).astimezone(self.info)
        return int(moment.utcoffset().total_seconds())

    def local(self, second):
        return second + self.offset(second)

    def instant(self, local):
        """The first second whose local time is this one or, where clocks skip it, later."""
        naive = EPOCH + timedelta(seconds=local)
        early = int(naive.replace(tzinfo=self.info, fold=0).timestamp())
        if self.local(early) == local:
            return early
        late = int(naive.replace(tzinfo=self.info, fold=1).timestamp())
        low, high = min(early, late), max(early, late)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.local(middle) >= local else (middle, high)
        return high

    def changes(self, start, end):
        """Where the offset changes, found by looking every quarter of an hour near midnight and bisecting."""
        found, step = [], 3 * 3600
        for second in range(start, end, step):
            low, high = second, second + step
            if self.offset(low) == self.offset(high):
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if self.offset(middle) != self.offset(second) else (middle, high)
            found.append(high)
        return found


def moment(text, now, zone):
    """Microseconds since the epoch; None where the text is no expression."""
    if match := MOMENT.fullmatch(text):
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        try:
            days = (date(int(year), int(month), int(day)) - EPOCH.date()).days
        except ValueError:
            return None
        if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
            return None
        seconds = days * 86_400 + int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
        micros = int((fraction or "0").ljust(6, "0")[:6])
        if offset is None:
            return zone.instant(seconds) * 1_000_000 + micros
        if offset not in "Zz":
            digits = offset[1:].replace(":", "")
            if int(digits[:2]) > 23 or int(digits[2:]) > 59:
                return None
            shift = int(digits[:2]) * 3600 + int(digits[2:]) * 60
            seconds -= shift if offset[0] == "+" else -shift
        return seconds * 1_000_000 + micros
    match = WORDS.fullmatch(text)
    if not match or not text:
        return None
    word, count, unit = match.groups()
    count, unit = int(count or 0), unit or "s"
    if count > 10_000_000_000 // UNITS[unit]:
        return None
    if word == "now":
        return now - count * UNITS[unit] * 1_000_000
    second = now // 1_000_000
    if word is None and unit == "h":
        return (second - zone.local(second) % 3600 - count * 3600) * 1_000_000
    if unit not in "dw" and (word is None or count > 0):
        return None
    days = {None: 0, "today": 0, "yesterday": -1, "tomorrow": 1}[word]
    days -= count * (7 if unit == "w" else 1) if unit in "dw" else 0
    return zone.instant((zone.local(second) // 86_400 + days) * 86_400) * 1_000_000


def first_of_unit(day, every):
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def next_unit(day, every):
    if every == "week":
        return day + timedelta(days=7)
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) if every == "month" else day + timedelta(days=1)


def day_key(day, every):
    if every == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[:7] if every == "month" else day.isoformat()


def calendar_windows(start, end, every, zone):
    midnight = lambda day: zone.instant((day - EPOCH.date()).days * 86_400) * 1_000_000
    day = (EPOCH + timedelta(seconds=zone.local(start // 1_000_000))).date()
    day = first_of_unit(first_of_unit(day, every) - timedelta(days=1), every)
    windows = []
    while midnight(day) < end:
        following = next_unit(day, every)
        begin, stop = max(start, midnight(day)), min(end, midnight(following))
        if begin < stop:
            windows.append((day_key(day, every), begin, stop))
        day = following
    return windows


def hour_windows(start, end, zone):
    first, last = start // 1_000_000 - 86_400, -(-end // 1_000_000) + 86_400
    changes = zone.changes(first, last)
    edges = [first] + changes + [last]
    windows, shown = [], None
    for low, high in zip(edges, edges[1:]):
        offset = zone.offset(low)
        before = shown
        for number in range((low + offset) // 3600, (high - 1 + offset) // 3600 + 1):
            begin = max(start, max(low, number * 3600 - offset) * 1_000_000)
            stop = min(end, min(high, (number + 1) * 3600 - offset) * 1_000_000)
            shown = number
            if begin < stop:
                name = (EPOCH + timedelta(hours=number)).strftime("%Y-%m-%dT%H")
                if before is not None and number <= before:
                    minutes = abs(offset) // 60
                    name += f"{'-' if offset < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"
                windows.append((name, begin, stop))
    return windows


def span_of(case, now, zone):
    """Begin and end; None where the code has to refuse the file, "skip" where zone data may differ."""
    start, stop = moment(case["from"], now, zone), moment(case["to"], now, zone)
    if start is None or stop is None:
        return None
    if not all(FIRST <= value // 1_000_000 <= LAST for value in (start, stop, now)):
        return "skip"
    end = min(stop, now - case["settle"] * 1_000_000)
    if start > stop:
        return None
    if start < end and case["every"] != "all":
        if (end // 1_000_000 - start // 1_000_000) // SHORTEST[case["every"]] > LIMIT:
            return None
    return start, end


def windows_of(case, start, end, zone):
    if start >= end:
        return []
    if case["every"] == "all":
        return [("all", start, end)]
    return hour_windows(start, end, zone) if case["every"] == "hour" else calendar_windows(start, end, case["every"], zone)


def judge(given, answer):
    case = json.loads(given)
    zone, now = Zone(case["zone"]), case["now"]
    try:
        span = span_of(case, now, zone)
    except (OverflowError, ValueError):
        return None
    if span == "skip":
        return None
    refused = answer.startswith(b"!")
    if (span is None) != refused:
        return f"Python refuses it: {span is None}, the code: {refused} ({answer[:200]!r})"
    if span is None:
        return None
    have = [tuple(line.split(" ")) for line in answer.decode().splitlines()]
    want = [(key, str(start), str(end)) for key, start, end in windows_of(case, *span, zone)]
    if have == want:
        return None
    different = next((pair for pair in zip(want, have) if pair[0] != pair[1]), None)
    return f"Python has {len(want)} windows, the code {len(have)}; the first that differ: {different}"
