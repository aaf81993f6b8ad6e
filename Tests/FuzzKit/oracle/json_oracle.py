"""JSON as Python reads it, in the canonical form that the code under test is to give."""

import json
import re

DEEPEST = 512
SMALL = 2048
WHITE = " \t\r\n"
SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^" \t\r\n]+', re.DOTALL)


class Number(str):
    """The text of a number."""


class Pairs(list):
    """The members of an object, duplicates and order included."""


def refuse(word):
    raise ValueError(word)


def parse(text):
    """The value, numbers as their text and objects as lists of pairs. Raises ValueError or RecursionError."""
    return json.loads(
        text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=refuse)


def read(given):
    """The text and its value; None where it is not JSON, not UTF-8, or too deep."""
    try:
        text = given.decode("utf-8")
        value = parse(text)
    except (ValueError, RecursionError):
        return None
    return None if depth(value) > DEEPEST else (text, value)


def depth(value):
    if isinstance(value, Pairs):
        return 1 + max((depth(member) for _, member in value), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def plain(text):
    """The text with unpaired surrogates as their escapes, in lower case, as all that looks like one."""
    if "\\" not in text and not any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        return text
    text = "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    return SURROGATE.sub(lambda match: match[0].lower(), text)


def minified(text):
    return "".join(TOKEN.findall(text))


def whole(number):
    """The integer that a number's text stands for; None with a fraction, an exponent, or beyond 64 bits."""
    if not re.fullmatch(r"-?[0-9]+", number) or len(number) > 30:
        return None
    return int(number) if -(2**63) <= int(number) < 2**63 else None


def string(text):
    text = plain(text).encode("utf-8")
    return b"s%d:%s" % (len(text), text)


def canonical(value):
    parts = []
    append(value, parts)
    return b"".join(parts)


def append(value, parts):
    if value is None:
        parts.append(b"z")
    elif value is True or value is False:
        parts.append(b"t" if value else b"f")
    elif isinstance(value, Number):
        integer = whole(value)
        parts.append(f"n{value};".encode() + (b"-" if integer is None else f"i{integer};".encode()))
    elif isinstance(value, str):
        parts.append(string(value))
    elif isinstance(value, Pairs):
        parts.append(b"{")
        for key, member in value:
            parts.append(string(key))
            append(member, parts)
        parts.append(b"}")
    else:
        parts.append(b"[")
        for element in value:
            append(element, parts)
        parts.append(b"]")


def paths(value, parts, levels=2):
    """What the last member of each key holds, two levels down. Keys that no text can hold are left out."""
    if not isinstance(value, Pairs) or levels == 0:
        return
    last = dict(value)
    for key in last:
        if SURROGATE.search(plain(key)):
            continue
        parts.append(b"p" + string(key))
        append(last[key], parts)
        paths(last[key], parts, levels - 1)


def expected(given):
    found = read(given)
    if found is None:
        return b"-"
    text, value = found
    start = len(given) - len(text.lstrip(WHITE).encode())
    end = len(text.rstrip(WHITE).encode())
    small = minified(text).encode()
    parts = [b"+%d,%d;" % (start, end), canonical(value), b"m%d:%s" % (len(small), small)]
    if len(given) <= SMALL:
        paths(value, parts)
    return b"".join(parts)


def compare(want, have):
    if want == have:
        return None
    at = next((i for i, (a, b) in enumerate(zip(want, have)) if a != b), min(len(want), len(have)))
    begin = max(0, at - 40)
    return f"Python says …{want[begin:at + 60]!r}, the code …{have[begin:at + 60]!r}"


def judge(given, answer):
    return compare(expected(given), answer)
