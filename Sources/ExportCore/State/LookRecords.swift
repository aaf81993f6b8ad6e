/// When the windows of a destination were compared with the service, and the results: `_agentsight/looks.json`.
///
/// If the file is missing or unreadable, windows count as not compared since they were written.
public struct LookRecords: Sendable, Hashable, Codable {
    /// The format of this file; 1.
    public var format = 1
    /// The records of windows, by their keys.
    public var windows: [String: Window] = [:]
    /// The fields that are no longer compared, because they differ although nothing has changed.
    public var disagreements: [Disagreement] = []
    /// What is known about the measures by which rows are counted. `nil` if nothing is.
    public var measures: [MeasureRecord]?
    /// Whether an endpoint has lists without pages, which make lean looks cheaper, by the endpoint. `nil` if none was requested.
    public var lists: [String: Bool]?
    /// Fields that rows without transcripts lack or show otherwise than whole rows, by the endpoint, in order. `nil` if there are none.
    public var unshared: [String: [String]]?
    /// Keys of the service's rows that older windows lack and that a run has reported, by the endpoint, in order. `nil` if there are none.
    public var keys: [String: [String]]?

    /// The maximum number of keys that the runs of one endpoint report.
    private static let mostKeys = 200

    /// The record of a window.
    public struct Window: Sendable, Hashable, Codable {
        /// When the window was last compared, by the kind of look.
        public var looked: [String: Instant] = [:]
        /// A difference that was found and not exported yet. `nil` if there is none.
        public var difference: Difference?
        /// Identifies the last difference for which the window was exported. It is not exported for the same difference again.
        public var exported: String?
        /// Identifies the rows that the window had after that export. `nil` if they are not known.
        public var exportedRows: String?

        enum CodingKeys: String, CodingKey {
            case looked, difference, exported
            case exportedRows = "exported_rows"
        }

        /// Creates the record of a window that was never compared.
        public init() {}
    }

    /// A difference between a window and the service.
    public struct Difference: Sendable, Hashable, Codable {
        /// The kind of look that found it.
        public var look: LookKind
        /// When it was found.
        public var foundAt: Instant
        /// Rows that the service has, and the window has not.
        public var came: Int
        /// Rows that the window has, and the service has not.
        public var went: Int
        /// Rows that both have, and that differ.
        public var changed: Int
        /// A fingerprint of the difference: the same if the same rows differ in the same way.
        public var fingerprint: String
        /// The counts that differ. `nil` if rows were compared.
        public var counts: [CountDifference]?

        enum CodingKeys: String, CodingKey {
            case look
            case foundAt = "found_at"
            case came, went, changed, fingerprint, counts
        }

        /// Creates a difference from the numbers of rows.
        public init(
            look: LookKind, foundAt: Instant, came: Int, went: Int, changed: Int, fingerprint: String,
            counts: [CountDifference]? = nil
        ) {
            self.look = look
            self.foundAt = foundAt
            self.came = came
            self.went = went
            self.changed = changed
            self.fingerprint = fingerprint
            self.counts = counts
        }
    }

    /// The record of a measure at an endpoint.
    public struct MeasureRecord: Sendable, Hashable, Codable {
        /// The endpoint.
        public var endpoint: String
        /// The name of the measure: `rows`, `is_marked=true`.
        public var measure: String
        /// Whether it is compared.
        public var state: State
        /// When it was found.
        public var since: Instant
        /// The window that showed it. `nil` if the service's own rows did, or a whole span.
        public var window: String?

        /// Whether a measure is compared.
        public enum State: String, Sendable, Hashable, Codable {
            /// It agreed where a misinterpretation would have shown.
            case agreed
            /// It differs although nothing has changed, so it is no longer compared.
            case unused
        }

        /// Creates the record of a measure.
        public init(endpoint: String, measure: CountMeasure, state: State, since: Instant, window: String? = nil) {
            self.endpoint = endpoint
            self.measure = measure.name
            self.state = state
            self.since = since
            self.window = window
        }
    }

    /// The finding that an endpoint returns fields differently than in the export, although nothing has changed.
    public struct Disagreement: Sendable, Hashable, Codable {
        /// The endpoint.
        public var endpoint: String
        /// The kind of look that compares only ids from now on.
        public var look: LookKind
        /// When it was found.
        public var since: Instant
        /// The window that showed it.
        public var window: String

        /// Creates the record of a kind of look whose fields differ without a change.
        public init(endpoint: String, look: LookKind, since: Instant, window: String) {
            self.endpoint = endpoint
            self.look = look
            self.since = since
            self.window = window
        }
    }

    /// Creates the records of a destination whose windows were never compared.
    public init() {}
}

extension LookRecords {
    /// When a window was last compared by this kind of look, or a more thorough one.
    public func lastLook(at window: String, _ look: LookKind) -> Instant? {
        let looked = windows[window]?.looked ?? [:]
        return LookKind.allCases.filter { $0 >= look }.compactMap { looked[$0.rawValue] }.max()
    }

    /// Whether a kind of look compares only ids at an endpoint.
    public func comparesOnlyIDs(_ look: LookKind, at endpoint: String) -> Bool {
        disagreements.contains { $0.look == look && $0.endpoint.utf8.elementsEqual(endpoint.utf8) }
    }

    /// The state of a measure at an endpoint. `nil` if it is not known yet whether it can be used.
    public func state(of measure: CountMeasure, at endpoint: String) -> MeasureRecord.State? {
        measures?.last {
            $0.measure.utf8.elementsEqual(measure.name.utf8) && $0.endpoint.utf8.elementsEqual(endpoint.utf8)
        }?.state
    }

    /// Records the state of a measure. A measure that is `unused` stays so.
    /// - Returns: Whether the state is new.
    @discardableResult
    public mutating func note(
        _ measure: CountMeasure, _ state: MeasureRecord.State, at endpoint: String, _ time: Instant, window: String? = nil
    ) -> Bool {
        let known = self.state(of: measure, at: endpoint)
        guard known != .unused, known != state else { return false }
        var records = measures ?? []
        records.removeAll {
            $0.measure.utf8.elementsEqual(measure.name.utf8) && $0.endpoint.utf8.elementsEqual(endpoint.utf8)
        }
        records.append(MeasureRecord(endpoint: endpoint, measure: measure, state: state, since: time, window: window))
        measures = records
        return true
    }

    /// Records keys of the service's rows that older windows lack.
    /// - Returns: Those that no run has reported before, in order.
    public mutating func note(keys names: Set<String>, at endpoint: String) -> [String] {
        let told = keys?[endpoint] ?? []
        let news = Array(names.subtracting(told).sorted().prefix(max(0, Self.mostKeys - told.count)))
        if !news.isEmpty { keys = (keys ?? [:]).merging([endpoint: (told + news).sorted()]) { $1 } }
        return news
    }

    /// Records a look and its result.
    public mutating func looked(at window: String, _ look: LookKind, _ time: Instant, found difference: Difference?) {
        windows[window, default: Window()].looked[look.rawValue] = time
        // Fields that a look does not see may still differ.
        if let difference { windows[window]?.difference = difference }
    }
}

extension LookRecords.Difference: CustomStringConvertible {
    public var description: String {
        "a \(look.rawValue) look on \(foundAt) found that "
            + (counts.map { $0.words } ?? "\(RowChanges(came: came, went: went, changed: changed))")
    }
}

extension [CountDifference] {
    /// A description: `the service counts 13 rows (12 in the export), 4 with has_feedback=true (3)`.
    public var words: String {
        let parts = map { count in
            let what = count.isOfRows ? "row\(count.onServer == 1 ? "" : "s")" : "with \(count.measure.shown())"
            return "\(count.onServer) \(what) (\(count.inExport) in the export)"
        }
        return "the service counts " + parts.joined(separator: ", ")
    }

    /// The minimum numbers of rows that came, went or changed.
    public var changes: RowChanges {
        let rows = first(where: \.isOfRows).map { $0.onServer - $0.inExport } ?? 0
        let others = map { $0.isOfRows ? 0 : abs($0.onServer - $0.inExport) }
        return RowChanges(came: Swift.max(0, rows), went: Swift.max(0, -rows), changed: rows == 0 ? others.max() ?? 0 : 0)
    }
}

/// The numbers of rows that differ.
public struct RowChanges: Sendable, Hashable, CustomStringConvertible {
    /// Rows that the service has, and the window has not.
    public var came: Int
    /// Rows that the window has, and the service has not.
    public var went: Int
    /// Rows that both have, and that differ.
    public var changed: Int

    /// Creates the numbers of rows that differ.
    public init(came: Int, went: Int, changed: Int) {
        self.came = came
        self.went = went
        self.changed = changed
    }

    public var description: String {
        let parts = [(came, "came"), (went, "went"), (changed, "changed")].filter { $0.0 > 0 }
        let words = parts.map { "\($0.0) row\($0.0 == 1 ? "" : "s") \($0.1)" }
        return words.isEmpty ? "no row differs" : words.joined(separator: ", ")
    }
}

extension LookRecords: StoredState {
    /// The newest format that this version reads, and the one that it writes.
    package static let newestFormat = 1
    /// The largest file that is read, in bytes.
    package static let largestFile = 64 << 20

    /// Whether all counts are plausible.
    package var isWithinBounds: Bool {
        windows.values.allSatisfy { window in
            window.difference.map { difference in
                let counts = (difference.counts ?? []).flatMap { [$0.onServer, $0.inExport] }
                return ([difference.came, difference.went, difference.changed] + counts).allSatisfy(\.isCount)
            } ?? true
        }
    }
}
