public import ExportCore
public import ExportStore

/// The status of an export, read from its destination.
public struct DestinationStatus: Sendable, Hashable {
    /// The pipeline's name. `nil` if there is no declaration and no readable manifest.
    public private(set) var pipeline: String?
    /// The numbers that depend on the declaration. `nil` if there is none: the status then covers only committed windows, and no window
    /// counts as due.
    public private(set) var declared: Declared?
    /// The number of windows that are proved and unchanged; without a declaration, that are proved.
    public private(set) var committed = 0
    /// The keys of windows that are not proved, in order.
    public private(set) var unsettled: [String] = []
    /// Keys of windows whose manifest cannot be read, in order.
    public private(set) var unreadable: [String] = []
    /// The keys of windows that a newer version wrote, in order. Their state is unknown.
    public private(set) var newer: [String] = []
    /// The span from the start of the first committed window to the end of the last. `nil` if there is none.
    public private(set) var coverage: TimeRange?
    /// The gaps between committed windows.
    public private(set) var gaps: [Gap] = []
    /// The declared windows before the first committed one.
    public private(set) var before: Gap?
    /// The declared windows after the last committed one.
    public private(set) var overdue: Gap?
    /// The number of distinct conversations in all windows.
    public private(set) var rows = 0
    /// The number of rows of each table, by its name.
    public private(set) var tableRows: [String: Int] = [:]
    /// The size of all files in bytes.
    public private(set) var bytes = 0
    /// The rows that are kept beside the outputs.
    public private(set) var keptRows = KeptRows()
    /// Windows that were compared with the service, by the kind of the last look at each.
    public private(set) var looks: [LookKind: Looks] = [:]
    /// The keys of windows in which a look found differences and that were not exported since, in order.
    public private(set) var differing: [String] = []
    /// The number of committed windows that are no longer in the declaration.
    public private(set) var others = 0

    /// The numbers of windows that depend on the declaration.
    public struct Declared: Sendable, Hashable {
        /// Windows in the declaration.
        public var windows = 0
        /// Windows of the declaration that are not committed.
        public var due = 0
        /// Committed windows that no longer match the declaration.
        public var again = 0
        /// Committed windows that the next run exports again, since they are recent.
        public var lookback = 0
        /// Committed windows that the next run rewrites from stored rows.
        public var render = 0
    }

    /// Windows whose last look was of one kind.
    public struct Looks: Sendable, Hashable {
        /// The number of windows.
        public var windows: Int
        /// The time of the earliest look.
        public var earliest: Instant
        /// The time of the latest look.
        public var latest: Instant
    }

    /// The numbers of rows that are kept beside the outputs.
    public struct KeptRows: Sendable, Hashable {
        /// Windows that have such rows.
        public var windows = 0
        /// The size of the files with them.
        public var bytes = 0
    }

    /// A span without windows.
    public struct Gap: Sendable, Hashable {
        /// The half-open span that no window covers.
        public var range: TimeRange
        /// The number of declared windows in the gap. `nil` without a declaration.
        public var windows: Int?
    }

    /// Determines the status of a declaration's windows.
    /// - Parameter each: Called for each window, in order, with its manifest if it has one.
    /// - Throws: `StoreError`.
    public init(
        of plan: ExportPlan, in destination: any ReadableDestination, each: (WindowStatus, Manifest?) -> Void = { _, _ in }
    ) async throws {
        let records = try await destination.looks()
        let policy = try plan.policy(looks: records)
        (pipeline, declared) = (plan.pipeline, Declared())
        var missing: Gap?
        var found = 0
        var agent: String?
        try await forEachInOrder(plan.windows, width: WindowLook.width) { window in
            do {
                return (window, Optional(try await destination.commitState(of: window)))
            } catch StoreError.newerFormat {
                return (window, nil)
            }
        } deliver: { (window: Window, commitState: WindowState.CommitState?) in
            guard let commitState else {
                declared?.windows += 1
                found += 1
                return add(newer: window.key, each)
            }
            let state = policy.state(of: window, commitState: commitState)
            count(state)
            var status = WindowStatus(state, isThere: commitState != .nothing, isReadable: commitState != .unreadable)
            if case .manifest(let manifest, _) = commitState { add(records, to: &status, manifest) }
            if case .manifest(let manifest, _) = commitState { each(status, manifest) } else { each(status, nil) }
            if commitState == .unreadable { unreadable.append(window.key) }
            found += commitState == .nothing ? 0 : 1
            if window.agent != agent, let gap = missing {
                // The end of one agent's windows and the beginning of the next one's are two gaps.
                gaps.append(gap)
                missing = nil
            }
            agent = window.agent
            guard case .manifest(let manifest, _) = commitState else {
                missing = Gap(
                    range: missing?.range.union(window.range) ?? window.range, windows: (missing?.windows ?? 0) + 1)
                return
            }
            if coverage == nil { before = missing } else if let missing { gaps.append(missing) }
            missing = nil
            add(manifest)
        }
        overdue = missing
        others = try await destination.windowKeys().count - found
    }

    private mutating func count(_ state: WindowState) {
        declared?.windows += 1
        switch state.state {
        case .committed, .look: committed += 1
        case .due: declared?.due += 1
        case .again where state.isLookback:
            committed += 1
            declared?.lookback += 1
        case .again: declared?.again += 1
        case .render:
            committed += 1
            declared?.render += 1
        case .unsettled: unsettled.append(state.window.key)
        }
    }

    /// Reads a destination without a declaration. Gaps are where the spans of its windows do not meet.
    /// - Parameter each: Called for each window, in order, with its manifest if that can be read.
    /// - Throws: `StoreError`.
    public init(
        of destination: any ReadableDestination, each: (WindowStatus, Manifest?) -> Void = { _, _ in }
    ) async throws {
        let records = try await destination.looks()
        var last: (agent: String?, end: Instant)?
        try await forEachInOrder(destination.windowKeys(), width: WindowLook.width) { key in
            do {
                return (key, try await destination.manifest(ofWindow: key), isNewer: false)
            } catch StoreError.newerFormat {
                return (key, nil, isNewer: true)
            }
        } deliver: { (key: String, manifest: Manifest?, isNewer: Bool) in
            guard !isNewer else { return add(newer: key, each) }
            var status = WindowStatus(key, manifest)
            if let manifest { add(records, to: &status, manifest) }
            each(status, manifest)
            guard let manifest else {
                unreadable.append(key)
                return
            }
            pipeline = pipeline ?? manifest.pipeline
            switch manifest.status {
            case .proved: committed += 1
            case .unsettled: unsettled.append(key)
            }
            let agent = Window.parts(ofKey: key).agent
            if let last, last.agent == agent, let start = manifest.window.start, last.end < start {
                gaps.append(Gap(range: TimeRange(start: last.end, end: start), windows: nil))
            }
            last = (agent, manifest.window.end)
            add(manifest)
        }
    }

    /// Records when a window was last compared with the service.
    private mutating func add(_ records: LookRecords, to status: inout WindowStatus, _ manifest: Manifest) {
        guard var last = WindowStatus.LastLook(at: status.key, in: records) else { return }
        // A difference in a window that was exported since is resolved.
        if let found = records.windows[status.key]?.difference?.foundAt, found <= manifest.committedAt { last.differs = false }
        status.lastLook = last
        var looks = looks[last.kind] ?? Looks(windows: 0, earliest: last.at, latest: last.at)
        (looks.windows, looks.earliest, looks.latest) = (
            looks.windows + 1, min(looks.earliest, last.at), max(looks.latest, last.at)
        )
        self.looks[last.kind] = looks
        if last.differs { differing.append(status.key) }
    }

    private mutating func add(newer key: String, _ each: (WindowStatus, Manifest?) -> Void) {
        newer.append(key)
        each(WindowStatus(newer: key), nil)
    }

    private mutating func add(_ manifest: Manifest) {
        coverage = coverage?.union(manifest.window.range) ?? manifest.window.range
        rows = rows.addingClamped(manifest.proof.distinctIDs)
        tableRows.add(rows: manifest.tableRows)
        bytes = bytes.addingClamped(manifest.bytes)
        if let file = manifest.keptRows {
            keptRows.windows += 1
            keptRows.bytes = keptRows.bytes.addingClamped(file.bytes)
        }
    }
}
