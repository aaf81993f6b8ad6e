public import ExportCore

extension PipelineDraft {
    /// Lets the span begin with the day of the first conversation, in the zone of the draft, or, where that is still to be said, on the day
    /// that it is in any zone.
    /// - Parameters:
    ///   - first: When the first conversation began. Nil: there is none.
    ///   - last: When the last one began. Nil: not known.
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
