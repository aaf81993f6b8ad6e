/// Compares the counts of a span with the sums of its windows, and finds the windows that differ by halving the span.
///
/// A span costs one request for each measure. If a sum differs, the first half is counted, and the rest of the difference is that of the
/// second half. Once continuing would cost at least as much as a look at the rows of the windows, they are left to such a look: a lean one,
/// or a full one for measures that rows without transcripts do not show. At the end the whole span is counted again. If the result
/// contradicts what was found, something changed meanwhile, and the search begins anew.
///
/// A predicate is not trusted until it agreed on a span where a misinterpretation would have shown: where it holds for some rows, but not
/// for all. Until then, only one range is halved for it, down to a single window. The export of that window shows whether the predicate can
/// be used.
///
/// A pure value without network access. Its owner sends all `questions()` and passes the answers to `receive`.
public struct CountSearch: Sendable {
    /// A count to request: a measure over some adjacent windows.
    public struct Question: Sendable, Hashable {
        /// The rows to count.
        public let measure: CountMeasure
        /// The windows' places.
        public let windows: Range<Int>
    }

    /// Windows that differ, by their places, with the difference in rows for each measure.
    public private(set) var differing: [Int: [CountMeasure: Int]] = [:]
    /// Windows that are left to a lean look, by their places.
    public private(set) var lean: Set<Int> = []
    /// Windows that are left to a full look, by their places, because a lean look does not see the measure that differs in them.
    public private(set) var full: Set<Int> = []
    /// Windows for which a predicate remained undecided, by their places. Nothing is known about them.
    public private(set) var undecided: Set<Int> = []
    /// Measures that have agreed where a misinterpretation would have shown.
    public private(set) var agreed: Set<CountMeasure>
    /// Predicates that the service does not apply.
    public private(set) var refused: Set<CountMeasure> = []
    /// Measures that differed before they had ever agreed, with the place of a window whose export shows whether the measure can be used.
    public private(set) var trials: [CountMeasure: Int] = [:]
    /// The number of questions that were answered.
    public private(set) var requests = 0
    /// Whether no questions are left.
    public private(set) var isDone = false

    private let count: Int
    private var measures: [CountMeasure]
    /// The sum over the windows before each place.
    private let sums: [CountMeasure: [Int]]
    /// The number of requests of a lean look at the windows before each place.
    private let leanRequests: [Int]

    /// A range of windows with a difference in a measure.
    private struct Node {
        let measure: CountMeasure
        let windows: Range<Int>
        let difference: Int
    }

    private enum Phase {
        case totals, halving, checking
    }

    private var phase = Phase.totals
    private var nodes: [Node] = []
    /// Ranges that wait until their predicate has agreed.
    private var held: [Node] = []
    /// Differences of ranges that were left to a look at their rows.
    private var left: [CountMeasure: Int] = [:]
    /// Undecided windows that a lean look would not decide.
    private var unseenByLean: Set<Int> = []
    private var asked: [Question] = []
    private var rounds = 0

    /// The maximum number of searches over a span whose counts change meanwhile.
    private static let roundLimit = 3

    /// Creates a search over adjacent windows.
    /// - Parameters:
    ///   - sums: The sums of each window. All have a sum for every measure.
    ///   - leanRequests: The number of requests of a lean look at each window.
    ///   - agreed: Measures that have agreed before.
    ///   - isLeftToLean: Whether all windows get a lean look, so that only the measures that it does not see are counted. This is always
    ///     the case if a lean look costs no more than the counts.
    public init(
        _ sums: [RowSums], leanRequests: [Int], measures: [CountMeasure], agreed: Set<CountMeasure>, isLeftToLean: Bool = false
    ) {
        count = sums.count
        self.measures = measures
        self.agreed = agreed.union([.rows])
        self.leanRequests = leanRequests.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        self.sums = Dictionary(
            uniqueKeysWithValues: Set(measures).union([.rows]).map { measure in
                (measure, sums.reduce(into: [0]) { $0.append(($0.last ?? 0) + ($1[measure] ?? 0)) })
            })
        if isLeftToLean || (self.leanRequests.last ?? 0) <= measures.count {
            lean = Set(sums.indices)
            self.measures = measures.filter { !$0.isInLeanRows }
            isDone = self.measures.isEmpty
        }
    }

    /// The sum of a measure over some windows.
    public func sum(_ measure: CountMeasure, _ windows: Range<Int>) -> Int {
        guard let sums = sums[measure] else { return 0 }
        return sums[windows.upperBound] - sums[windows.lowerBound]
    }

    private func leanRequests(_ windows: Range<Int>) -> Int {
        leanRequests[windows.upperBound] - leanRequests[windows.lowerBound]
    }

    /// The next questions, in any order and at the same time. Empty when the search is done.
    public mutating func questions() -> [Question] {
        guard !isDone else { return [] }
        switch phase {
        case .totals: asked = measures.map { Question(measure: $0, windows: 0..<count) }
        case .halving: asked = nodes.map { Question(measure: $0.measure, windows: Self.firstHalf($0.windows)) }
        case .checking: asked = measuresToCheck.map { Question(measure: $0, windows: 0..<count) }
        }
        return asked
    }

    /// Takes the answers to the last questions, in their order. `nil` means that the service does not apply the predicate.
    public mutating func receive(_ counts: [Int?]) {
        requests += counts.count
        let (questions, differences) = (asked, differences(counts))
        switch phase {
        case .totals:
            nodes = []
            for (question, difference) in zip(questions, differences) { add(question, difference) }
        case .halving:
            let halved = nodes
            nodes = []
            for (node, difference) in zip(halved, differences) {
                guard let difference else { continue }
                let first = Self.firstHalf(node.windows)
                add(Question(measure: node.measure, windows: first), difference)
                add(
                    Question(measure: node.measure, windows: first.upperBound..<node.windows.upperBound),
                    node.difference - difference)
            }
        case .checking:
            return check(questions, differences)
        }
        phase = .halving
        goOn()
    }

    private func differences(_ counts: [Int?]) -> [Int?] {
        zip(asked, counts).map { question, count in count.map { $0 - sum(question.measure, question.windows) } }
    }

    private static func firstHalf(_ windows: Range<Int>) -> Range<Int> {
        windows.lowerBound..<windows.lowerBound + (windows.count + 1) / 2
    }

    /// Records a range: as equal, as a window that differs, or as a range to be halved.
    private mutating func add(_ question: Question, _ difference: Int?) {
        let (measure, windows) = (question.measure, question.windows)
        guard let difference else { return refuse(measure) }
        guard !refused.contains(measure) else { return }
        if difference == 0 {
            let (expected, all) = (sum(measure, windows), sum(.rows, windows))
            if expected > 0, expected < all { agreed.insert(measure) }
        } else if windows.count == 1 {
            differing[windows.lowerBound, default: [:]][measure] = difference
        } else {
            nodes.append(Node(measure: measure, windows: windows, difference: difference))
        }
    }

    private mutating func refuse(_ measure: CountMeasure) {
        guard refused.insert(measure).inserted else { return }
        agreed.remove(measure)
        measures.removeAll { $0 == measure }
        nodes.removeAll { $0.measure == measure }
        held.removeAll { $0.measure == measure }
        trials[measure] = nil
        forget(measure)
    }

    /// Removes a measure from the windows that differ.
    private mutating func forget(_ measure: CountMeasure) {
        for window in differing.keys { differing[window]?[measure] = nil }
        differing = differing.filter { !$0.value.isEmpty }
        left[measure] = nil
    }

    /// Decides what is halved next, what is left to a look at the rows, and whether the search is done.
    private mutating func goOn() {
        nodes += held
        held = []
        for measure in measures where !agreed.contains(measure) { narrowToOne(measure) }
        lean.formUnion(leave { $0.isInLeanRows })
        full.formUnion(leave { !$0.isInLeanRows })
        if nodes.isEmpty {
            phase = .checking
            if measuresToCheck.isEmpty { finish() }
        }
    }

    /// A predicate that has not agreed yet is followed to one window.
    private mutating func narrowToOne(_ measure: CountMeasure) {
        let window = differing.keys.filter { differing[$0]?[measure] != nil }.min()
        let own = nodes.filter { $0.measure == measure }.sorted { $0.windows.lowerBound < $1.windows.lowerBound }
        nodes.removeAll { $0.measure == measure }
        if let window {
            // The export of this window settles the measure, whatever the other windows show.
            trials[measure] = window
            var others = own.reduce(into: Set<Int>()) { $0.formUnion($1.windows) }
            for other in differing.keys where other != window && differing[other]?[measure] != nil {
                differing[other]?[measure] = nil
                others.insert(other)
            }
            undecided.formUnion(others)
            if !measure.isInLeanRows { unseenByLean.formUnion(others) }
            differing = differing.filter { !$0.value.isEmpty }
        } else if let first = own.first {
            nodes.append(first)
            held += own.dropFirst()
        }
    }

    /// Leaves some measures to a look at the rows if continuing would cost as much. A predicate that has not agreed yet is still tried,
    /// once.
    /// - Returns: The windows that are left.
    private mutating func leave(_ belongs: (CountMeasure) -> Bool) -> Set<Int> {
        let known = nodes.filter { agreed.contains($0.measure) && belongs($0.measure) }
        let windows = known.reduce(into: Set<Int>()) { $0.formUnion($1.windows) }
        guard !windows.isEmpty else { return [] }
        // The lower bound of the remaining cost: at least one window of each range differs.
        let price = known.reduce(0) { $0 + Self.levels($1.windows.count) }
        guard windows.reduce(0, { $0 + leanRequests($1..<$1 + 1) }) <= price else { return [] }
        for node in known { left[node.measure, default: 0] += node.difference }
        nodes.removeAll { agreed.contains($0.measure) && belongs($0.measure) }
        return windows
    }

    /// The number of halvings until a single window is left.
    private static func levels(_ windows: Int) -> Int {
        var (levels, left) = (0, windows)
        while left > 1 { (levels, left) = (levels + 1, (left + 1) / 2) }
        return levels
    }

    private func found(_ measure: CountMeasure) -> Int {
        differing.values.reduce(left[measure] ?? 0) { $0 + ($1[measure] ?? 0) }
    }

    /// Measures with located differences, which may have changed meanwhile.
    private var measuresToCheck: [CountMeasure] {
        measures.filter { measure in
            trials[measure] == nil
                && (left[measure] != nil || differing.values.contains { $0[measure] != nil })
        }
    }

    private mutating func check(_ questions: [Question], _ differences: [Int?]) {
        rounds += 1
        var moved: [(Question, Int)] = []
        for (question, difference) in zip(questions, differences) {
            guard let difference else {
                refuse(question.measure)
                continue
            }
            if difference != found(question.measure) { moved.append((question, difference)) }
        }
        guard !moved.isEmpty else { return finish() }
        guard rounds < Self.roundLimit else {
            undecided.formUnion(0..<count)
            if moved.contains(where: { !$0.0.measure.isInLeanRows }) { unseenByLean.formUnion(0..<count) }
            return finish()
        }
        for (question, difference) in moved {
            forget(question.measure)
            add(question, difference)
        }
        phase = .halving
        goOn()
    }

    private mutating func finish() {
        undecided.subtract(differing.keys)
        undecided.subtract(full)
        undecided.subtract(lean.subtracting(unseenByLean))
        lean.subtract(differing.keys)
        full.subtract(differing.keys)
        lean.subtract(full)
        lean.subtract(undecided)
        isDone = true
    }
}
