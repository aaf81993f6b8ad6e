"""Names and texts as those read them that they were written for: SQL, HTML, XML, YAML, CSV, JSON, labels, paths, shells, terminals."""

import csv
import html.parser
import io
import json
import posixpath
import re
import shlex
import unicodedata
import urllib.parse
import xml.etree.ElementTree

import sql_lexer

SYSTEMS = ("bigquery", "snowflake", "redshift", "postgres", "duckdb", "clickhouse")
HIDDEN = ("Cc", "Cf", "Zl", "Zp")
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Wrong(Exception):
    """What a reader makes of a text that is another."""


def check(holds, what, *values):
    if not holds:
        raise Wrong(f"{what}: {', '.join(ascii(value)[:200] for value in values)}")


def is_unprintable(character):
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in BIDI


def check_shown(text, shown, kept=""):
    """Character by character: another release of Unicode may hide one that this one does not know."""
    check(len(text) == len(shown), "shown with another length", text, shown)
    for written, seen in zip(text, shown):
        category = unicodedata.category(written)
        if category == "Cn":
            check(seen in (written, "\ufffd"), "shown otherwise", text, shown)
        else:
            check(seen == ("\ufffd" if category in HIDDEN and written not in kept else written), "shown otherwise", text, shown)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.data = [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))

    def handle_data(self, data):
        self.data += data


def judge_html(text, written):
    page = Page()
    page.feed(f"<p title=\"{written}\" id='{written}'>{written}</p>")
    page.close()
    check([tag for tag, _ in page.tags] == ["p"], "another element", written)
    names = [name for name, _ in page.tags[0][1]]
    check(names == ["title", "id"], "another attribute", written)
    for value in (page.tags[0][1][0][1], page.tags[0][1][1][1], page.data):
        check_shown(text, value or "")


def judge_xml(text, written):
    # Control characters, and two more, are in no XML at all.
    if re.search("[\0-\x1f\x7f-\x9f\ufffe\uffff]", text):
        return
    check(xml.etree.ElementTree.fromstring(f"<a b=\"{written}\">{written}</a>").text == (text or None), "XML", text, written)


def judge_label(text, written):
    found = re.fullmatch(r'(?:[^"\\\n]|\\["\\n])*', written)
    check(found, "a label ends early", written)
    check(re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], written) == text, "label", text, written)


def judge_shell(text, written):
    if "\0" not in text:
        check(shlex.split(written) == [text], "words of a shell", text, written)


def judge_yaml(text, written):
    wanted = text.replace("$", "$$")
    if not written.startswith('"'):
        check(written == wanted and re.fullmatch(r"[A-Za-z0-9_/.+=:{}$-]+", written) and not re.search(r":$|^[{}:=+]", written), "YAML", text, written)
        return
    check(re.fullmatch(r'"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\(?:["\\nt]|U[0-9a-f]{8}))*"', written), "a scalar ends early", written)
    plain = re.sub(
        r'\\(U[0-9a-f]{8}|.)', lambda match: chr(int(match[1][1:], 16)) if match[1][0] == "U" else {"n": "\n", "t": "\t"}.get(match[1], match[1]),
        written[1:-1])
    check(plain == wanted, "YAML", text, written)


def judge_percent(text, written):
    check(re.fullmatch("(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*", written), "what is not encoded", written)
    check(urllib.parse.unquote(written, errors="strict") == text, "percent", text, written)


def judge_path(text, written):
    if not written:
        check(text in ("", "a") or re.search(r"[^A-Za-z0-9]", text), "a path refused", text)
        return
    check(not written.startswith(("_agentsight", "/")), "a path that is reserved", written)
    check(posixpath.normpath(written) == written and not written.startswith("../"), "a path that leaves", written)
    check(not re.search("[\0-\x1f\x7f-\x9f\\\\{}]", written), "a path with marks", written)


def judge_header(text, written):
    check(written == re.sub(" +", " ", text).strip(" "), "header", text, written)


def judge_lines(text, written):
    check_shown(text, written, kept="\n\t")


JUDGES = {
    "html": judge_html, "xml": judge_xml, "label": judge_label, "shell": judge_shell, "yaml": judge_yaml, "percent": judge_percent,
    "path": judge_path, "header": judge_header, "lines": judge_lines, "shown": check_shown,
}


# MARK: SQL

def judge_names(system, texts, names, quoted):
    check(len(set(names)) == len(texts), f"{system}: two names are one", names)
    for text, name, written in zip(texts, names, quoted):
        check(sql_lexer.tokens(system, written) == [("name", name)], f"{system}: a name", name, written)
        check(name and not any(map(is_unprintable, name)), f"{system}: a name that rules a terminal", name)
        if system in ("postgres", "clickhouse") and text and len(text.encode()) < 60 and not any(map(is_unprintable, text)):
            check(name == text, f"{system}: another name", text, name)


def judge_texts(system, texts, written):
    for text, literal in zip(texts, written):
        found = sql_lexer.value(system, literal)
        check(found == (text.replace("\0", "\ufffd") if system == "postgres" else text), f"{system}: a text", text, literal)
        check(not any(map(is_unprintable, literal)), f"{system}: a text that rules a terminal", literal)


def shape(system, script):
    """The kinds of all tokens, but for what DuckDB makes of one text and the others of an odd key."""
    lines = script.split("\n")
    check(not any(is_unprintable(character) for line in lines for character in line), f"{system}: a line that rules a terminal")
    commands = [line for line in lines if line.startswith("\\")]
    for command in commands:
        check(system == "postgres" and command.startswith(("\\set ON_ERROR_STOP on", "\\copy ")), "a command of psql", command)
    text = "\n".join(line[1:] if line.startswith("\\") else line for line in lines)
    return [kind if kind in ("name", "text", "comment") else content for kind, content in sql_lexer.tokens(system, text)]


def judge_scripts(system, format, hostile, harmless):
    if not hostile:
        return
    found, wanted = shape(system, hostile), shape(system, harmless)
    if format == "csv" or system in ("bigquery", "clickhouse", "postgres"):
        check(found == wanted, f"{system} {format}: another structure", first_difference(found, wanted), hostile[-2000:])
    else:
        check(found.count(";") == wanted.count(";") and hostile.count("\n") == harmless.count("\n"), f"{system} {format}: other statements")


def first_difference(found, wanted):
    return next(((place, pair) for place, pair in enumerate(zip(found, wanted)) if pair[0] != pair[1]), (len(found), len(wanted)))


def judge(given, answer):
    texts, written = json.loads(given), json.loads(answer)
    try:
        for name, judge_one in JUDGES.items():
            for text, output in zip(texts, written[name], strict=True):
                judge_one(text, output)
        for line in written["table"]:
            check(not any(unicodedata.category(character) in HIDDEN for character in line), "a table that rules a terminal", line)
        if "csv" in written and not any("\0" in text for text in texts):
            check(next(csv.reader(io.StringIO(written["csv"][0], newline=""), strict=True)) == texts, "CSV", texts, written["csv"][0])
        if "json" in written:
            check(list(json.loads(written["json"][0])) == texts, "JSON", texts, written["json"][0])
        for system in SYSTEMS:
            judge_names(system, texts, written[f"name {system}"], written[f"quoted {system}"])
            judge_texts(system, texts, written[f"text {system}"])
            for format in ("ndjson", "csv", "parquet"):
                judge_scripts(system, format, *written.get(f"script {system} {format}", ["", ""]))
    except (Wrong, sql_lexer.Broken) as error:
        return str(error)
    return None
