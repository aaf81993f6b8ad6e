import Foundation
import TestSupport

/// What somebody may write into a file in the place of what was there; as JSON, or as what some reader may take for it.
enum HostileValue {
    static func random(_ random: inout SeededRandom, victims: String) -> String {
        switch random.below(8) {
        case 0...2: random.pick(numbers)
        case 3...5: text(random.pick(paths(victims: victims)))
        case 6: random.pick(times).map(text) ?? "null"
        default: random.pick(shapes)
        }
    }

    static let numbers = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "4611686018427387904", "-1",
        "0", "1", "-0", "1.5", "1e18", "1e19", "1e400", "-1e400", "1e-400", "99999999999999999999999999", "NaN", "Infinity",
        "-Infinity", "2147483648", "4294967296", "1099511627776", "0x10", "007",
    ]

    /// - Parameter victims: The folder that must not be touched.
    static func paths(victims: String) -> [String] {
        [
            "../victim/file.txt", "../../victim/file.txt", "csv/../../victim/file.txt", "\(victims)/file.txt", "../victim",
            "../victim/folder/inner.txt", "../victim/new.txt", "/etc/passwd", "/", ".", "..", "", "./csv/2026-03-28.csv",
            "csv//2026-03-28.csv",
            "csv/./2026-03-29.csv", "csv", "json/", "_agentsight", "_agentsight/lock", "_agentsight/columns.json",
            "_agentsight/windows/2026-03-29.json", "_agentsight/../csv/2026-03-29.csv", "csv/2026-03-29.csv",
            "json/2026-03-29.ndjson.gz", "csv/2026-03-28.csv/x", "~/x", "a\u{0}b", "a\nb", "\u{1B}[31mred\u{7}", "\u{202E}",
            "%2e%2e/x",
            "..\\victim\\file.txt", "link/file.txt", "link",
            String(repeating: "x", count: 300), String(repeating: "x/", count: 3000), "sha256:", "2026-03-29", "2026-03-28",
            "all", "proved", "unsettled", "ranges", "conversations", "ndjson", "csv", "none", "zlib 1.2.13 level 6", "0",
        ]
    }

    private static let times: [String?] = [
        "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-9999-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "2026-03-28T00:00:00Z",
        "2026-03-29T00:00:00+14:00", "2026-03-28T00:00:00.123456789Z", "292277026596-12-04T15:30:08Z", "1970-01-01T00:00:00Z", nil,
    ]

    private static let shapes = [
        "null", "true", "[]", "{}", "\"\"", "[null]", "[[]]", #"{"":null}"#, "[1,2,3]", #"["../victim/file.txt"]"#,
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 100),
        String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000),
        "\"" + String(repeating: "x", count: 2_000_000) + "\"", "[" + String(repeating: "1,", count: 200_000) + "1]",
        "[" + String(repeating: #"{"path":"../victim/file.txt"},"#, count: 2_000) + "{}]",
        #"1, "bytes": 9223372036854775807, "rows": -1"#, #""\ud800""#, "", "'x'", "undefined", "1 1",
    ]

    /// As a string of JSON.
    private static func text(_ value: String) -> String {
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// The whole of a file.
    static let files: [[UInt8]] =
        [
            "", "\n", "null", "[]", "{}", "1", "\"x\"", "{\"format\":1}", "{\"format\":2}", "{\"checksum\":null}",
            "{\"checksum\":1}",
            "{\"checksum\":\"sha256:\(String(repeating: "0", count: 64))\"}", "\u{FEFF}{}",
            String(repeating: "[", count: 1_000_000), String(repeating: #"{"a":"#, count: 200_000),
            String(repeating: "\n", count: 1_000_000),
            String(repeating: "shard\n", count: 200_000), "\u{1B}[2J\u{7}holder\n\u{202E}\n", "run x, process 1 on host, since 0\n",
            String(repeating: "x", count: 8_000_000),
        ].map { Array($0.utf8) } + [
            [UInt8](repeating: 0xFF, count: 4096), [UInt8](repeating: 0, count: 4096), [0x1F, 0x8B, 0x08, 0x00], [0xC3],
            [0xED, 0xA0, 0x80],
        ]
}
