import ExportCore

extension PlanResolver {
    struct Windows {
        var every: WindowLength
        var zone: ZoneRules
        var span: TimeRange
        var pieces: [CalendarCut.Piece] = []
        /// Whether `every` is a valid value of the file and not a substitute.
        var isEveryKnown: Bool
        /// Whether the start of the span is not given at all, not even by an invalid value.
        var hasNoStart: Bool
    }

    mutating func windows(of pipeline: PipelineFile) -> Windows {
        let window = pipeline.window
        let from = bound("started_at_after", pipeline.filters.startedAtAfter, window.from, window)
        let to = bound("started_at_before", pipeline.filters.startedAtBefore, window.to, window)
        let zone = window.zone.value ?? .utc
        let start = narrowed(from, by: overrides.from, "--from", zone) { max($0, $1) }
        let end = narrowed(to, by: overrides.to, "--to", zone) { min($0, $1) }

        let isFromAbsent = from.isAbsent && overrides.from == nil
        let every = window.every.value ?? (window.isGiven && !isFromAbsent ? .day : .all)
        let settled = now.advanced(by: .zero - window.settle)
        let span = TimeRange(start: start?.value, end: min(end?.value ?? now, settled))
        var windows = Windows(
            every: every, zone: zone, span: span, isEveryKnown: window.every.isSound,
            hasNoStart: isFromAbsent)

        if every != .all, isFromAbsent {
            problems.add(.fromMissing(every), at: window.place, text: nil)
            return windows
        }
        let isStartKnown = from.isSound && (start != nil || isFromAbsent)
        let isEndKnown = to.isSound && (end != nil || overrides.to == nil)
        guard window.zone.isSound, windows.isEveryKnown, isStartKnown, isEndKnown else { return windows }
        if let start, start.value > end?.value ?? now {
            let wrong = overrides.from == nil ? end ?? start : start
            problems.add(.fromAfterTo(from: start.value, to: end?.value ?? now), at: wrong.place, text: wrong.text)
        } else if let pieces = CalendarCut(every: every, zone: zone).pieces(of: span) {
            windows.pieces = pieces
        } else {
            problems.add(.tooManyWindows(every, limit: CalendarCut.limit), at: start?.place ?? window.place, text: start?.text)
        }
        return windows
    }

    /// A bound of the span, from the window or, if that has none, from the filters.
    private mutating func bound(
        _ filter: String, _ filtered: Field<MomentExpression>, _ windowed: Field<MomentExpression>, _ window: WindowSection
    ) -> Field<MomentExpression> {
        guard !filtered.isAbsent else { return windowed }
        guard window.from.isAbsent, window.to.isAbsent else {
            let place = filtered.given?.place ?? window.place
            problems.add(.spanInTwoPlaces(filter), at: place, text: filtered.given?.text)
            return windowed
        }
        return filtered
    }

    /// The bound as narrowed by the command line. `nil` if there is none, or it is invalid.
    private mutating func narrowed(
        _ field: Field<MomentExpression>, by option: String?, _ name: String, _ zone: ZoneRules,
        inner: (Instant, Instant) -> Instant
    ) -> Written<Instant>? {
        let own = field.given.map { Written(value: $0.value.instant(now: now, in: zone), place: $0.place, text: $0.text) }
        guard let option else { return own }
        let place = SourcePosition(file: name, isArgument: true)
        guard let expression = MomentExpression(option) else {
            problems.add(
                MomentExpression.noSuchDay(option).map { .noSuchDay(name, last: $0.last) }
                    ?? .unfit(name, expected: .moment, nearest: MomentExpression.nearest(to: option)), at: place, text: option)
            return own
        }
        let narrower = Written(value: expression.instant(now: now, in: zone), place: place, text: option)
        guard let own else { return narrower }
        if inner(own.value, narrower.value) != narrower.value {
            problems.add(.wider(name, than: own.value), at: place, text: option)
        }
        return narrower
    }
}
