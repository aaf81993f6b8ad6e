import ExportCore
import Foundation

/// The rules of a time zone in the IANA database, for conversions between UTC and local time. Times are seconds since 1970-01-01T00:00:00,
/// in UTC or local time.
struct ZoneRules {
    let name: String
    private let zone: TimeZone

    /// Creates the rules of a zone. `nil` if there is no such zone. Abbreviations such as EST and fixed offsets do not count as zones.
    init?(_ name: String) {
        guard name == "UTC" || name.containsExactly("/") || TimeZone.knownTimeZoneIdentifiers.contains(name),
            let zone = TimeZone(identifier: name)
        else { return nil }
        self.name = name
        self.zone = zone
    }

    static let utc = ZoneRules(name: "UTC", zone: .gmt)

    private init(name: String, zone: TimeZone) {
        self.name = name
        self.zone = zone
    }

    /// The zone that a mistyped name, or the name of just a city, probably means.
    static func nearest(to name: String) -> String? {
        let known = TimeZone.knownTimeZoneIdentifiers
        let city = name.lowercased().replacingExactly(" ", with: "_")
        return known.first { $0.lowercased().endsExactly(with: "/\(city)") } ?? NearestName.of(name, in: known + ["UTC"])
    }

    func local(_ second: Int64) -> Int64 {
        second + offset(at: second)
    }

    /// The first instant at which local clocks show this time or, if they skip it, a later one.
    func instant(ofLocal local: Int64) -> Instant {
        Instant(seconds: stretches(from: local - 2 * 86_400, to: local + 2 * 86_400).second(ofLocal: local))
    }

    private func offset(at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    /// The periods of constant offset from the start of a span on.
    func stretches(from start: Int64, to end: Int64) -> ZoneStretches {
        var stretches = [ZoneStretches.Stretch(start: start, end: .max, offset: offset(at: start))]
        var date = Date(timeIntervalSince1970: Double(start))
        while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date {
            let change = Int64(next.timeIntervalSince1970.rounded())
            guard change <= end else { break }
            let offset = offset(at: change)
            if offset != stretches[stretches.count - 1].offset {
                stretches[stretches.count - 1].end = change
                stretches.append(ZoneStretches.Stretch(start: change, end: .max, offset: offset))
            }
            date = next
        }
        return ZoneStretches(stretches)
    }
}

/// The contiguous periods of a zone with a constant UTC offset, at least one.
struct ZoneStretches {
    struct Stretch {
        let start: Int64
        /// The end, exclusive. That of the last period is `.max`.
        fileprivate(set) var end: Int64
        /// The offset in seconds east of UTC.
        let offset: Int64
    }

    let stretches: [Stretch]

    fileprivate init(_ stretches: [Stretch]) {
        self.stretches = stretches
    }

    /// The first second at which local clocks show this time or, if they skip it, a later one. A midnight that does not exist is replaced
    /// by the first instant of its day, and of a repeated one the first counts.
    func second(ofLocal local: Int64) -> Int64 {
        for stretch in stretches {
            let candidate = max(local - stretch.offset, stretch.start)
            if candidate < stretch.end { return candidate }
        }
        return local
    }

    func index(of second: Int64) -> Int {
        stretches.lastIndex { $0.start <= second } ?? 0
    }

    /// The clock hour of this second.
    func hour(at second: Int64) -> ClockHour {
        let index = index(of: second)
        return hour((second + stretches[index].offset).floorDivided(by: 3600).quotient, in: index)
    }

    /// The clock hour in a period, marked as repeated if the previous period had the same hour.
    func hour(_ number: Int64, in index: Int) -> ClockHour {
        let stretch = stretches[index]
        let lastBefore = index == 0 ? Int64.min : (stretch.start - 1 + stretches[index - 1].offset).floorDivided(by: 3600).quotient
        return ClockHour(number: number, repeatedAtOffset: number <= lastBefore ? stretch.offset : nil)
    }
}
