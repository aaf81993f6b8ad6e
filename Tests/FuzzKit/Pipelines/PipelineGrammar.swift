import TestSupport

/// Writes pipeline files by chance: known keys with values that fit, nearly fit, or do not.
struct PipelineGrammar {
    /// A key that is none by its form, which may stand at `api_key` alone.
    static let password = "hunter2-Passw0rd-of-the-service"

    private var random: SeededRandom
    private(set) var text = ""

    init(_ random: SeededRandom) {
        self.random = random
    }

    mutating func file() {
        for (key, value) in [("version", "1"), ("destination", "out")] where !random.oneIn(12) {
            text += "\(key): \(random.oneIn(8) ? scalar() : value)\n"
        }
        for section in Self.sections where random.oneIn(2) {
            switch section.key {
            case "outputs": outputs(section.keys)
            case "name": text += "name: \(scalar())\n"
            default: map(section.key, section.keys)
            }
        }
        if random.oneIn(10) { text += "\(scalar()): \(scalar())\n" }
    }

    private mutating func map(_ name: String, _ keys: [String]) {
        text += "\(name):\n"
        for key in keys where random.oneIn(3) {
            text += "  \(misspelled(key)): \(value(of: key))\n"
        }
    }

    private mutating func outputs(_ keys: [String]) {
        text += "outputs:\n"
        for _ in 0...random.below(3) {
            text += "  - format: \(random.pick(["csv", "ndjson", "csw"]))\n"
            for key in keys where random.oneIn(3) {
                text += "    \(misspelled(key)): \(value(of: key))\n"
            }
        }
    }

    private mutating func misspelled(_ key: String) -> String {
        guard random.oneIn(15), let last = key.last else { return key }
        return random.oneIn(2) ? String(key.dropLast()) : "\(key)\(last)"
    }

    private mutating func value(of key: String) -> String {
        if key == "api_key" {
            return random.pick([
                "${KEY}", Self.password, "\"\(Self.password)\"", "[\(Self.password)]", "!\(Self.password)", "${",
            ])
        }
        if !random.oneIn(5), let fitting = Self.fitting[key] { return random.pick(fitting) }
        switch random.below(6) {
        case 0: return "[\(scalar()), \(scalar())]"
        case 1: return "{ \(scalar()): \(scalar()) }"
        default: return scalar()
        }
    }

    private mutating func scalar() -> String {
        random.pick(Self.scalars)
    }

    private static let sections: [(key: String, keys: [String])] = [
        ("name", []),
        ("source", ["endpoint", "api_key", "api_key_file", "stream", "detail", "allow_http"]),
        (
            "filters",
            [
                "environment", "env", "metadata", "metadata_key", "metadata_value", "only_deleted", "include_deleted", "extra",
                "page",
                "started_at_after", "started_at_before", "search", "is_marked", "feedback_sentiment",
            ]
        ),
        ("window", ["from", "to", "every", "timezone", "settle", "lookback"]),
        ("fetch", ["concurrency", "page_size", "rate", "timeout", "retries", "walk", "transfer"]),
        ("outputs", ["table", "compression", "path", "columns", "flatten", "dialect"]),
    ]
    private static let fitting: [String: [String]] = [
        "endpoint": [
            "https://api.agentsight.io", "http://localhost:8080/", "http://plain.example", "https://me:word@host", "ftp://x",
        ],
        "stream": ["conversations"], "detail": ["full", "lean"], "allow_http": ["[plain.example]", "[]"],
        "metadata": ["{ a: b, c.d: 1 }", "a:b,c:d", "{ a: { b: { c: true } } }", "{ a: \"x,y\", b: \"z:\" }", "{}", "a"],
        "extra": ["{ x: y }", "{ page: 2 }", "{}"], "only_deleted": ["true", "false", "yes"],
        "from": ["2024-01-01", "2024-01-01T08:00", "-30d", "today-2w", "now-3h", "2026-13-01", "9999-12-31", "0000-01-01"],
        "to": ["today", "2026-01-01", "now", "tomorrow"], "every": ["hour", "day", "week", "month", "all", "year"],
        "timezone": ["UTC", "Europe/Zagreb", "Asia/Kathmandu", "zagreb", "EST"],
        "settle": ["20m", "0", "2h", "400y", "9999999999s"],
        "lookback": ["3d", "100000d", "1w"], "concurrency": ["8", "0", "65", "-1", "1e3"], "page_size": ["100", "101"],
        "rate": ["900/min", "15/s", "0/s", "1/0", "1e999/s", "./s"], "timeout": ["60s", "2h", "0"], "retries": ["6", "51"],
        "walk": ["ranges", "pages"], "transfer": ["auto", "gzip"], "table": ["conversations", "messages"],
        "compression": ["gzip", "none", "{ gzip: 9 }", "{ gzip: 10 }", "{}"],
        "path": [
            "\"a/{date}.x\"", "\"{window}\"", "a", "\"{dat}\"", "\"{\"", "../x", "/x", "_agentsight/x", "\"a//{hour}\"",
            "\"{date}/{date}\"",
        ],
        "columns": [
            "[id, metadata.*]", "[id, id]", "[{ name: n, path: a.b, type: string }]", "[]", "[a..b]", "[started_at.*]",
            "[{ name: 1 }]",
        ],
        "flatten": ["[metadata]", "[x]"], "dialect": ["warehouse", "spreadsheet"],
    ]
    private static let scalars = [
        "x", "1", "true", "~", "", "\"\"", "null", "2024-01-01", "${UNSET}", "${SET}", "$$", "${", "a: b", "- x", "*alias",
        "&anchor x", "!tag x",
        "!!int 3", "|\n      block", ">-\n      folded", "\"\\u00e9\\n\"", "'it''s'", "é", "😀", "\u{85}", "\u{2028}", "\t",
        "# comment", "@x", "%y", "{", "]",
        "'open", "\"open", "? k", "<<: x", "\u{FEFF}", "\u{0}", "1_000", "0x1F", "99999999999999999999", "-9223372036854775808",
        "a\u{301}", "---", "...",
    ]
}
