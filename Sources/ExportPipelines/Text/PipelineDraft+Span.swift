public import ExportCore

extension PipelineDraft {
    /// Sets `from` to the day of the first conversation, in the draft's time zone. If the zone is not chosen yet, uses the earliest
    /// possible day.
    /// - Parameters:
    ///   - first: When the first conversation began. `nil` if there is none.
    ///   - last: When the last conversation began. `nil` if it is not known.
    public mutating func begin(with first: Instant?, last: Instant?, isZoneOpen: Bool = false) {
        guard let first else {
            (from, fromNote) = ("yesterday", "inclusive; there are no conversations yet")
            return
        }
        let second = first.microseconds.floorDivided(by: 1_000_000).quotient
        let rules = timezone.flatMap(ZoneRules.init) ?? .utc
        let local = isZoneOpen ? second - 12 * 3600 : rules.local(second)
        from = String(Instant(seconds: local).description.prefix(10))
        fromNote = "inclusive; conversations exist from \(first) \(last.map { "to \($0)" } ?? "on")"
    }
}
