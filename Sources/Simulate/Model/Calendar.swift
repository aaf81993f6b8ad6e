import ExportCore

/// The windows of the simulated year, in UTC.
enum Calendar {
    static func windows(every length: WindowLength) -> [Window] {
        guard let start = Dataset.span.start else { return [] }
        let bounds: [Int64] =
            switch length {
            case .hour: (0...Int64(Dataset.days * 24)).map { $0 * 3600 }
            case .day: (0...Int64(Dataset.days)).map { $0 * 86_400 }
            case .week: (0...Int64(Dataset.days / 7)).map { $0 * 7 * 86_400 } + [Int64(Dataset.days) * 86_400]
            case .month: ([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as [Int64]).sums.map { $0 * 86_400 }
            case .all: [0, Int64(Dataset.days) * 86_400]
            }
        return zip(bounds, bounds.dropFirst()).map { low, high in
            let range = TimeRange(start: start.later(by: low * 1_000_000), end: start.later(by: high * 1_000_000))
            return Window(key: key(of: start.later(by: low * 1_000_000), length), range: range, paths: [])
        }
    }

    private static func key(of start: Instant, _ length: WindowLength) -> String {
        let hours = start.microseconds / 3_600_000_000
        let date = "\(CivilDate(daysSinceEpoch: hours / 24))"
        return switch length {
        case .hour: "\(date)T\(hours % 24 < 10 ? "0" : "")\(hours % 24)"
        case .month: String(date.prefix(7))
        default: date
        }
    }
}

extension [Int64] {
    /// The running sums.
    fileprivate var sums: [Int64] {
        var sum: Int64 = 0
        return map {
            sum += $0
            return sum
        }
    }
}
