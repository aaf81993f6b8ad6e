import ExportCore

/// Parses a duration as an integer and a unit: `90s`, `20m`, `2h`, `1d`, `2w`.
enum DurationText {
    enum Unit: Character, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"
        case day = "d"
        case week = "w"

        var seconds: Int64 {
            switch self {
            case .second: 1
            case .minute: 60
            case .hour: 3600
            case .day: 86_400
            case .week: 604_800
            }
        }
    }

    /// The duration. `nil` for anything else, and for more than three centuries.
    static func parse(_ text: some StringProtocol) -> (count: Int64, unit: Unit)? {
        guard let last = text.last, let unit = Unit(rawValue: last),
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text.dropLast()), count <= 10_000_000_000 / unit.seconds
        else { return nil }
        return (count, unit)
    }

    static func seconds(_ text: some StringProtocol) -> Int64? {
        if text == "0" { return 0 }
        return parse(text).map { $0.count * $0.unit.seconds }
    }
}

/// Parses a rate: `900/min`, `15/s`, `50000/h`.
enum RateText {
    /// Requests a second.
    static func perSecond(_ text: String) -> Double? {
        let parts = text.splitExactly(at: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let count = Double(parts[0]), count > 0, count.isFinite
        else { return nil }
        let seconds: Double
        switch parts[1] {
        case "s": seconds = 1
        case "min": seconds = 60
        case "h": seconds = 3600
        default: return nil
        }
        return sensible.contains(count / seconds) ? count / seconds : nil
    }

    /// The valid rates in requests per second: at least one in a fortnight.
    private static let sensible = 1e-6...1e6
}
