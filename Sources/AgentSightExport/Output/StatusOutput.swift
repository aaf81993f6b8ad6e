import ExportCore
import ExportEngine
import ExportReport
import ExportStore

/// The output of `status --format json`.
struct StatusOutput: Encodable {
    let pipeline: OrNull<String>
    let destination: String
    /// Why a run would refuse the destination. Null where it would not.
    let refused: OrNull<String>
    let windows: Windows
    /// Null where no window is there.
    let coverage: OrNull<Coverage>
    let gaps: [Gap]
    let unsettled: [String]
    let unreadable: [String]
    let newer: [String]
    let rows: Int
    let tableRows: [String: Int]
    let bytes: Int
    /// The size of the rows that are kept beside the outputs.
    let keptRowsBytes: Int
    /// When each window was last compared with the service, and how. Windows that were not are left out.
    let looks: [Look]
    /// The runs that are at work, or died at it.
    let lockHolders: [LockHolder]
    /// The newest first.
    let runs: [StatusRun]
    /// Null where no warehouse is asked.
    let load: OrNull<LoadStatus>

    enum CodingKeys: String, CodingKey {
        case pipeline, destination, refused, windows, coverage, gaps, unsettled, unreadable, newer, rows
        case tableRows = "table_rows"
        case bytes
        case keptRowsBytes = "kept_rows_bytes"
        case looks
        case lockHolders = "occupations"
        case runs, load
    }

    /// The numbers of windows. Those that a folder alone does not show are null.
    struct Windows: Encodable {
        let declared: OrNull<Int>
        let committed: Int
        let unsettled: Int
        let due: OrNull<Int>
        let again: OrNull<Int>
        /// Committed windows that the next run exports again, since they are recent.
        let lookback: OrNull<Int>
        /// Windows that the next run rewrites from stored rows.
        let render: OrNull<Int>
    }

    /// A window that was compared with the service.
    struct Look: Encodable {
        let window: String
        let look: String
        let at: Instant
        /// Whether a difference that was found waits to be exported.
        let differs: Bool
    }

    /// `from` is null for a window without a beginning.
    struct Coverage: Encodable {
        let from: OrNull<Instant>
        let to: Instant
    }

    struct Gap: Encodable {
        let from: OrNull<Instant>
        let to: Instant
        /// Null where no declaration says how many belong there.
        let windows: OrNull<Int>
    }

    init(
        _ status: DestinationStatus, destination: String, refusal: StoreError?, lockHolders: [LockHolder], runs: [StatusRun],
        windows states: [WindowStatus], load: LoadStatus?
    ) {
        self.load = .init(load)
        looks = states.compactMap { state in
            state.lastLook.map { Look(window: state.key, look: $0.kind.rawValue, at: $0.at, differs: $0.differs) }
        }
        pipeline = .init(status.pipeline)
        self.destination = destination
        refused = .init(refusal?.description)
        windows = Windows(
            declared: .init(status.declared?.windows), committed: status.committed, unsettled: status.unsettled.count,
            due: .init(status.declared?.due), again: .init(status.declared?.again), lookback: .init(status.declared?.lookback),
            render: .init(status.declared?.render))
        coverage = .init(status.coverage.map { Coverage(from: .init($0.start), to: $0.end) })
        gaps = status.gaps.map { Gap(from: .init($0.range.start), to: $0.range.end, windows: .init($0.windows)) }
        unsettled = status.unsettled
        unreadable = status.unreadable
        newer = status.newer
        rows = status.rows
        tableRows = status.tableRows
        bytes = status.bytes
        keptRowsBytes = status.keptRows.bytes
        self.lockHolders = lockHolders
        self.runs = runs
    }
}

/// One of the last runs.
struct StatusRun: Encodable {
    let name: String
    /// `nil` if it cannot be read.
    let record: RunRecord?

    private enum CodingKeys: String, CodingKey {
        case run
        case startedAt = "started_at"
        case seconds
        case exitCode = "exit_code"
        case committed, failed, rows
        case tableRows = "table_rows"
        case reason
    }

    /// Writes of a run whose record cannot be read its name, and that as the reason.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .run)
        guard let record else { return try container.encode(Self.unreadable, forKey: .reason) }
        try container.encode(record.startedAt, forKey: .startedAt)
        try container.encode(record.took / .seconds(1), forKey: .seconds)
        try container.encode(record.exitCode, forKey: .exitCode)
        try container.encode(record.summary.committed, forKey: .committed)
        try container.encode(record.summary.failed, forKey: .failed)
        try container.encode(record.summary.rows, forKey: .rows)
        try container.encodeIfPresent(record.summary.tableRows, forKey: .tableRows)
        try container.encodeIfPresent(record.reason, forKey: .reason)
    }

    /// Why it did not end well, for people.
    var reason: String? { record?.reason.map { "\(name): \($0.shown())" } }

    private static let unreadable = "its record cannot be read"

    static let titles = ["run", "started", "took", "exit code", "committed", "failed", "rows"]

    /// For people, under the titles.
    var cells: [String] {
        guard let record else { return [name, Self.unreadable] }
        return [
            name, "\(record.startedAt.description.prefix(19))Z", Figures.seconds(record.took), "\(record.exitCode)",
            "\(record.summary.committed)", "\(record.summary.failed)", Figures.rowsCell(of: record.summary),
        ]
    }
}

extension RunRecord {
    fileprivate var took: Duration { endedAt.duration(since: startedAt) }
}
