"""The lexers of six systems' SQL, as their references describe them: what is a name, a text, a comment and a word."""

import re

# What opens a quote, whether one that is doubled stands for itself, and whether a backslash escapes.
NAMES = {
    "postgres": {'"': (True, False)}, "duckdb": {'"': (True, False)}, "redshift": {'"': (True, False)}, "snowflake": {'"': (True, False)},
    "bigquery": {"`": (False, True)}, "clickhouse": {"`": (True, True), '"': (True, True)},
}
TEXTS = {
    "postgres": {"'": (True, False)}, "duckdb": {"'": (True, False)}, "redshift": {"'": (True, True)}, "snowflake": {"'": (True, True)},
    "bigquery": {"'": (False, True), '"': (False, True)}, "clickhouse": {"'": (True, True)},
}
SHORT = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "0": 0}
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*|\$?[0-9][0-9A-Za-z_.]*|\$\$", re.ASCII)


class Broken(Exception):
    """What no system would take."""


def quoted(system, text, start, doubles, escapes):
    """The content behind a quote, and where it ends. Escapes of bytes are put together as UTF-8."""
    quote, position, content = text[start], start + 1, bytearray()
    while position < len(text):
        character = text[position]
        if character == quote:
            if doubles and text[position + 1:position + 2] == quote:
                content += quote.encode()
                position += 2
                continue
            return content.decode("utf-8"), position + 1
        if character == "\\" and escapes:
            code = text[position + 1:position + 2]
            if code == "x":
                content.append(int(text[position + 2:position + 4], 16))
                position += 4
            elif code in ("u", "U"):
                width = 4 if code == "u" else 8
                content += chr(int(text[position + 2:position + 2 + width], 16)).encode()
                position += 2 + width
            elif code in SHORT:
                content.append(SHORT[code])
                position += 2
            elif code and code in "\\'\"`?":
                content += code.encode()
                position += 2
            else:
                raise Broken(f"the escape \\{code}")
            continue
        content += character.encode()
        position += 1
    raise Broken(f"a quote that does not end: {text[start:start + 40]!r}")


def tokens(system, text):
    """Pairs of a kind and a value."""
    found, position = [], 0
    while position < len(text):
        character = text[position]
        if character in " \n":
            position += 1
        elif text.startswith("--", position) or system == "clickhouse" and text.startswith(("#!", "# "), position):
            # Of all systems, the one that ends lines earliest.
            end = min((place for mark in "\n\r" if (place := text.find(mark, position)) >= 0), default=len(text))
            found.append(("comment", text[position:end]))
            position = end
        elif text.startswith("/*", position):
            raise Broken("a comment that nobody wrote")
        elif character in NAMES[system]:
            value, position = quoted(system, text, position, *NAMES[system][character])
            found.append(("name", value))
        elif character in TEXTS[system]:
            if system == "bigquery" and text.startswith(character * 3, position):
                raise Broken("a text in three quotes")
            value, position = quoted(system, text, position, *TEXTS[system][character])
            found.append(("text", value))
        elif character in "Ee" and system in ("postgres", "redshift") and text[position + 1:position + 2] == "'":
            value, position = quoted(system, text, position + 1, True, True)
            found.append(("text", value))
        elif match := WORD.match(text, position):
            if match[0] == "$$":
                raise Broken("dollar quotes")
            found.append(("word", match[0]))
            position = match.end()
        elif character in "()[]{},.;:=<>+-*/|":
            found.append(("mark", character))
            position += 1
        else:
            raise Broken(f"{character!r} outside of quotes")
    return found


def value(system, text):
    """What a text stands for: of DuckDB also a sum of texts and characters in brackets."""
    found = tokens(system, text)
    if len(found) == 1 and found[0][0] == "text":
        return found[0][1]
    if system != "duckdb" or found[:1] != [("mark", "(")] or found[-1:] != [("mark", ")")]:
        raise Broken(f"no text: {text[:60]!r}")
    result, place = "", 1
    while place < len(found) - 1:
        kind, content = found[place]
        if kind == "text":
            result += content
            place += 1
        elif (kind, content) == ("word", "chr"):
            result += chr(int(found[place + 2][1]))
            place += 4
        elif (kind, content) == ("mark", "|"):
            place += 1
        else:
            raise Broken(f"no sum of texts: {text[:60]!r}")
    return result
