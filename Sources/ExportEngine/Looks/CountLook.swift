import ExportAPI
import ExportCore
import ExportFormats
import Synchronization

/// Looks at committed windows by the service's counts: one request for each measure and span of windows, and more only where a sum differs.
/// Nothing is changed.
struct CountLook: Sendable {
    let plan: ExportPlan
    let client: ServiceClient
    /// The known state of the measures at the endpoint.
    let known: LookRecords
    let bounds: LearntBounds

    /// A window that is committed, proved and unchanged.
    struct CommittedWindow: Sendable {
        let key: String
        let range: TimeRange
        /// Nil where the manifest does not have them.
        let sums: RowSums?
        /// Whether the look is for this window. Others may be counted along, so that spans are not interrupted.
        let isDue: Bool
    }

    /// The outcome of a look. Keys are those of windows, in no order.
    struct Outcome: Sendable {
        /// Windows whose counts agree.
        var agreeing: [String] = []
        /// Windows whose counts differ.
        var differing: [WindowComparison] = []
        /// Windows that are to be looked at in a lean look: they have no sums, or counts would cost no less.
        var lean: [String] = []
        /// Windows that are to be looked at in a full look: a count differs in them that a lean look does not see.
        var full: [String] = []
        /// Windows of which nothing is known: their counts changed meanwhile, or a predicate has not shown what it is worth.
        var undecided: [String] = []
        /// Measures that agreed where a wrong reading would have shown.
        var agreed: Set<CountMeasure> = []
        /// Predicates that the service does not apply.
        var refused: Set<CountMeasure> = []
        /// Windows that show after their export what a measure is worth which has never agreed.
        var trials: [CountMeasure: String] = [:]
    }

    /// The measures that are compared: those that the stored rows can be summed up by, and that are not out of use.
    var measures: [CountMeasure] { Self.measures(of: plan, known) }

    static func measures(of plan: ExportPlan, _ known: LookRecords) -> [CountMeasure] {
        let predicates = CountPredicate.summed(by: plan)
        return ([.rows] + CountPredicate.allCases.filter(predicates.contains).map { .matching($0) }).filter {
            known.state(of: $0, at: plan.source.endpoint) != .unused
        }
    }

    /// The windows that are there, proved and unchanged: those that are not due can be counted along.
    static func windows(_ states: [WindowState]) -> [CommittedWindow] {
        states.filter { [.committed, .look, .render].contains($0.state) }.map {
            CommittedWindow(key: $0.window.key, range: $0.window.range, sums: $0.sums, isDue: $0.look == .counts)
        }
    }

    /// - Parameter windows: Of one agent, in the order of time.
    /// - Throws: `ServiceError`, `FilterNotApplied`, `CancellationError`.
    func run(over windows: [CommittedWindow]) async throws -> Outcome {
        var outcome = Outcome()
        let measures = measures
        guard measures.first == .rows, plan.filters.deletedRows != .only else {
            outcome.lean = windows.filter(\.isDue).map(\.key)
            return outcome
        }
        let isLeanEnough = measures.allSatisfy(\.isInLeanRows)
        var spans: [(windows: [CommittedWindow], isLeftToLean: Bool)] = []
        for span in Self.spans(of: windows, measures: measures) {
            // A lean look that costs no more sees more, but not all that counts do.
            let isCheap = Self.dueRequests(span, plan, hasLists: hasLists) <= measures.count
            if isCheap, isLeanEnough {
                outcome.lean += span.filter(\.isDue).map(\.key)
            } else {
                spans.append((span, isCheap))
            }
        }
        let counted = Set(spans.flatMap(\.windows).map(\.key))
        outcome.lean += windows.filter { $0.isDue && !counted.contains($0.key) && $0.sums?.has(measures) != true }.map(\.key)
        guard !spans.isEmpty else { return outcome }
        guard let bounds = try await learn(from: spans.map(\.windows)) else {
            outcome.lean += spans.flatMap(\.windows).filter(\.isDue).map(\.key)
            return outcome
        }
        for (span, isLeftToLean) in spans { try await search(span, measures, bounds, isLeftToLean: isLeftToLean, &outcome) }
        return outcome
    }

    /// How many rows of a range a measure counts. Nil: the service does not apply the predicate.
    func count(_ measure: CountMeasure, of range: TimeRange, _ bounds: CountBounds) async throws -> Int? {
        do {
            return try await ask(bounds.count(of: range), measure, range).count
        } catch let error as FilterNotApplied {
            guard case .matching(let predicate) = measure, error.filter.equalsExactly(predicate.filter.rawValue) else {
                throw error
            }
            return nil
        } catch ServiceError.requestRefused where measure != .rows {
            return nil
        }
    }

    // MARK: Spans

    /// Adjacent windows that have the measures' sums, from the first to the last that the look is for.
    static func spans(of windows: [CommittedWindow], measures: [CountMeasure]) -> [[CommittedWindow]] {
        var spans: [[CommittedWindow]] = []
        for window in windows where window.sums?.has(measures) == true {
            if let last = spans.last?.last, last.range.end == window.range.start {
                spans[spans.count - 1].append(window)
            } else {
                spans.append([window])
            }
        }
        return spans.compactMap { span in
            guard let first = span.firstIndex(where: \.isDue), let last = span.lastIndex(where: \.isDue) else { return nil }
            return Array(span[first...last])
        }
    }

    /// Whether the endpoint is known to have lists without pages.
    private var hasLists: Bool { known.lists?[plan.source.endpoint] == true }

    /// The number of requests that a lean look at the due windows of a span needs.
    /// - Parameter hasLists: Whether small windows come in one list: a page that counts, the list, and one more where they are many.
    static func dueRequests(_ span: [CommittedWindow], _ plan: ExportPlan, hasLists: Bool = false) -> Int {
        let paged = span.reduce(0) { $0 + ($1.isDue ? leanRequests($1, plan) : 0) }
        guard hasLists, let limit = plan.fetch.unpaginated.limit(.lean) else { return paged }
        let rows = span.reduce(0) { $0 + ($1.isDue ? $1.sums?.rows ?? 0 : 0) }
        return min(paged, 3 * (rows / (limit * 4 / 5) + 1))
    }

    static func leanRequests(_ window: CommittedWindow, _ plan: ExportPlan) -> Int {
        WindowCounts.requests(forRows: window.sums?.rows ?? 0, pageSize: plan.fetch.pageSize)
    }

    private func search(
        _ span: [CommittedWindow], _ measures: [CountMeasure], _ bounds: CountBounds, isLeftToLean: Bool, _ outcome: inout Outcome
    ) async throws {
        let agreed = measures.filter {
            known.state(of: $0, at: plan.source.endpoint) == .agreed || outcome.agreed.contains($0)
        }
        var search = CountSearch(
            span.compactMap(\.sums), leanRequests: span.map { Self.leanRequests($0, plan) },
            measures: measures.filter { !outcome.refused.contains($0) }, agreed: Set(agreed), isLeftToLean: isLeftToLean)
        let leftAtFirst = search.lean
        while true {
            let questions = search.questions()
            if questions.isEmpty { break }
            var counts: [Int?] = []
            try await forEachInOrder(questions, width: plan.fetch.concurrency) { question in
                let range = TimeRange(
                    start: span[question.windows.lowerBound].range.start, end: span[question.windows.upperBound - 1].range.end)
                return try await count(question.measure, of: range, bounds)
            } deliver: {
                counts.append($0)
            }
            search.receive(counts)
        }
        outcome.refused.formUnion(search.refused)
        outcome.agreed = outcome.agreed.union(search.agreed).subtracting(outcome.refused)
        for (measure, window) in search.trials { outcome.trials[measure] = span[window].key }
        for (place, window) in span.enumerated() {
            if let differences = search.differing[place] {
                let counts = measures.compactMap { measure in
                    differences[measure].map {
                        let sum = window.sums?[measure] ?? 0
                        return CountDifference(measure, onServer: sum + $0, inExport: sum)
                    }
                }
                outcome.differing.append(WindowComparison(window: window.key, compared: .counts(counts)))
            } else if search.full.contains(place) {
                outcome.full.append(window.key)
            } else if search.lean.contains(place) {
                if window.isDue || !leftAtFirst.contains(place) { outcome.lean.append(window.key) }
            } else if window.isDue {
                if search.undecided.contains(place) {
                    outcome.undecided.append(window.key)
                } else {
                    outcome.agreeing.append(window.key)
                }
            }
        }
    }

    // MARK: Bounds

    /// The meaning of the endpoint's bounds, tested at an instant at which it lists a row. Nil if the test does not settle it.
    func learn(from spans: [[CommittedWindow]]) async throws -> CountBounds? {
        let endpoint = plan.source.endpoint
        if let learnt = bounds.of(endpoint) { return learnt }
        for span in spans.sorted(by: { Self.rows($0) > Self.rows($1) }).prefix(Self.mostSpansAsked) {
            guard let first = span.first, let last = span.last else { continue }
            let range = TimeRange(start: first.range.start, end: last.range.end)
            let listed = try await ask(ListQuery(after: range.start, before: range.end, pageSize: 1, isCount: true), .rows, range)
            guard let instant = listed.rows.first?.startedAt else { continue }
            let probe = BoundsProbe(at: instant)
            var answers: [ListResponse] = []
            for query in probe.queries { answers.append(try await ask(query, .rows, range)) }
            guard let learnt = probe.bounds(answers) else { return nil }
            bounds.learn(learnt, of: endpoint)
            return learnt
        }
        return nil
    }

    /// Spans that are asked for a row.
    private static let mostSpansAsked = 3

    private static func rows(_ span: [CommittedWindow]) -> Int { span.reduce(0) { $0 + ($1.sums?.rows ?? 0) } }

    private func ask(_ query: ListQuery, _ measure: CountMeasure, _ range: TimeRange) async throws -> ListResponse {
        var filters = plan.filters
        if case .matching(let predicate) = measure { filters = filters.matching(predicate) }
        let reader = PageReader(filters: filters, detail: nil, discoveries: [])
        let request = ServiceRequest(list: query, filters: filters, detail: .lean)
        return try await client.get(request) { try reader.read($0, to: query, for: range) }.value.response
    }
}

/// The bounds of time ranges that a run has found, by endpoint, so that each is tested once.
final class LearntBounds: Sendable {
    private let known = Mutex<[String: CountBounds]>([:])

    func of(_ endpoint: String) -> CountBounds? { known.withLock { $0[endpoint] } }

    func learn(_ bounds: CountBounds, of endpoint: String) { known.withLock { $0[endpoint] = bounds } }
}

extension RowSums {
    /// Whether the sum of each measure is known.
    fileprivate func has(_ measures: [CountMeasure]) -> Bool { measures.allSatisfy { self[$0] != nil } }
}
