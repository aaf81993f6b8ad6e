import ExportCore
import ExportPipelines
import Foundation
import TestSupport

/// Expressions of time and the windows they give, against the calendar and the zones of another implementation.
///
/// An input is JSON: a zone, a length, two expressions, `settle` in seconds and the time in microseconds.
struct WindowTarget: FuzzTarget {
    let name = "windows"

    private struct Case: Codable {
        var zone: String
        var every: String
        var from: String
        var to: String
        var settle: Int64
        var now: Int64
    }

    private let zones =
        TimeZone.knownTimeZoneIdentifiers.sorted() + [
            "UTC", "US/Eastern", "Etc/GMT+5", "Asia/Calcutta", "America/Buenos_Aires", "Europe/Kiev", "Australia/ACT", "Etc/UTC",
        ]

    func input(_ random: inout SeededRandom) -> [UInt8] {
        let every = random.pick(WindowLength.allCases)
        let start = Int64(random.below(1_950_000_000)) + 80_000_000
        let length = Int64(random.below(every == .hour ? 12 * 86_400 : every == .day ? 300 * 86_400 : 1500 * 86_400))
        let now = start + length + Int64(random.below(40 * 86_400)) - 10 * 86_400
        let isRelative = random.oneIn(3)
        let unit = every == .hour || random.oneIn(2) ? "d" : "w"
        let count = length / (unit == "d" ? 86_400 : 604_800)
        let from = isRelative ? random.pick(["-", "today-", "yesterday-"]) + "\(count)\(unit)" : moment(start, &random)
        let until = random.oneIn(3) ? word(&random) : moment(start + length, &random)
        let fractions = random.oneIn(2) ? 0 : Int64(random.below(1_000_000))
        var given = Case(
            zone: random.pick(zones), every: every.rawValue, from: from, to: until,
            settle: random.oneIn(2) ? 0 : Int64(random.below(200_000)), now: now * 1_000_000 + fractions)
        if random.oneIn(6) { given.from = damaged(given.from, &random) }
        if random.oneIn(6) { given.to = damaged(given.to, &random) }
        if random.oneIn(200) { given.from = "1975-01-01" }
        if random.oneIn(60), every != .day, every != .hour { given.from = year(&random) }
        if random.oneIn(100) { given.to = year(&random) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(given)).map { Array($0) } ?? []
    }

    /// A date or a date-time, in one of the ways to write it.
    private func moment(_ second: Int64, _ random: inout SeededRandom) -> String {
        var text = Instant(microseconds: second * 1_000_000 + (random.oneIn(3) ? Int64(random.below(1_000_000)) : 0)).description
        text.removeLast()
        switch random.below(6) {
        case 0, 1: return String(text.prefix(10))
        case 2: return String(text.prefix(16))
        case 3: return text
        case 4: return "\(text)Z"
        default: return "\(text)\(random.pick(["+", "-"]))\(random.below(2))\(random.below(10)):\(random.below(6))0"
        }
    }

    /// The beginning of any year that can be written.
    private func year(_ random: inout SeededRandom) -> String {
        String("000\(random.below(10_000))".suffix(4)) + "-01-01"
    }

    private func word(_ random: inout SeededRandom) -> String {
        let word = random.pick(["today", "yesterday", "tomorrow", "now", "", "-", "now-", "today-", "tomorrow-", "--"])
        return random.oneIn(3)
            ? word : "\(word)\(random.below(random.oneIn(9) ? 20_000_000 : 50))\(random.pick(Array("smhdwy")))"
    }

    private func damaged(_ text: String, _ random: inout SeededRandom) -> String {
        if random.oneIn(3) { return word(&random) }
        let mutator = Mutator(
            tokens: ["-", "0", "9", "T", ":", "d", "h", "now", "Z", "+", ".", "30", " ", "١", "W"].map { Array($0.utf8) })
        let bytes = mutator.mutate(Array(text.utf8), with: Array(text.utf8), &random)
        return String(String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { $0.properties.generalCategory != .control })
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        guard let given = try? JSONDecoder().decode(Case.self, from: Data(input)) else { throw Disagreement("the case is no JSON") }
        let text = """
            version: 1
            destination: out
            window:
              from: \(quoted(given.from))
              to: \(quoted(given.to))
              every: \(given.every)
              timezone: \(given.zone)
              settle: \(given.settle)s
            """
        let loader = PipelineLoader(environment: [:], now: Instant(microseconds: given.now))
        let windows: [Window]
        do throws(PipelineProblems) {
            windows = try loader.load(text, file: "x.yml").windows
        } catch {
            return Array("!\(error)".utf8)
        }
        try check(windows)
        let lines = windows.map { window in
            "\(window.key) \(window.range.start?.microseconds ?? 0) \(window.range.end.microseconds)\n"
        }
        return Array(lines.joined().utf8)
    }

    /// In YAML's double quotes, which read back as the same text.
    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "$$"))\""
    }

    /// In order, none empty, each beginning where the one before it ends, under keys and paths of their own.
    private func check(_ windows: [Window]) throws(Disagreement) {
        for (before, after) in zip(windows, windows.dropFirst()) where before.range.end != after.range.start {
            throw Disagreement("\(after.key) does not begin where \(before.key) ends")
        }
        for window in windows where window.range.start.map({ $0 >= window.range.end }) ?? true {
            throw Disagreement("\(window.key) is empty")
        }
        guard Set(windows.map(\.key)).count == windows.count, Set(windows.map(\.paths)).count == windows.count else {
            throw Disagreement("two windows have one key or one path")
        }
    }
}
