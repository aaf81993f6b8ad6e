/// The record of one run, kept in the destination.
public struct RunRecord: Sendable, Hashable, Codable {
    /// The format of this file; 1.
    public var format = 1
    /// The run's identifier, which the manifests of its windows name too.
    public var run: String
    /// The pipeline's name.
    public var pipeline: String
    /// The version of the command.
    public var version: String
    /// When the run began, by this machine's clock.
    public var startedAt: Instant
    /// When the run ended, by this machine's clock.
    public var endedAt: Instant
    /// The exit code of the command.
    public var exitCode: Int
    /// Why it did not end with 0, in the words of its first failure. Nil where it did, and in records of older versions.
    public var reason: String?
    /// A summary of the export.
    public var summary: RunSummary
    /// The results of several agents. Nil for one agent.
    public var agents: [Agent]?

    /// The part of a run for one of several agents.
    public struct Agent: Sendable, Hashable, Codable {
        /// The agent's name, as in the pipeline file.
        public var name: String
        /// The exit code that the agent alone would have given.
        public var exitCode: Int
        /// Why not all was exported. Nil where it was.
        public var reason: String?
        /// A summary of the agent's export.
        public var summary: RunSummary

        enum CodingKeys: String, CodingKey {
            case name
            case exitCode = "exit_code"
            case reason, summary
        }

        /// Creates the record of an agent's part.
        public init(name: String, exitCode: Int, reason: String?, summary: RunSummary) {
            self.name = name
            self.exitCode = exitCode
            self.reason = reason
            self.summary = summary
        }
    }

    enum CodingKeys: String, CodingKey {
        case format, run, pipeline, version
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case exitCode = "exit_code"
        case reason, summary, agents
    }

    public init(
        run: String, pipeline: String, version: String, startedAt: Instant, endedAt: Instant, exitCode: Int, summary: RunSummary
    ) {
        self.run = run
        self.pipeline = pipeline
        self.version = version
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.exitCode = exitCode
        self.summary = summary
    }
}

/// A run in numbers.
public struct RunSummary: Sendable, Hashable, Codable {
    /// Windows of the declaration.
    public var windows = 0
    /// Left alone: they stood there, proved and unchanged.
    public var skipped = 0
    /// Windows that were committed by this run, proved or not.
    public var committed = 0
    /// Committed without a proof; among `committed`.
    public var unsettled = 0
    /// Written anew from the rows that stood there, without a request; among `committed`. Nil where there is none.
    public var rendered: Int?
    /// Windows of which only the rows that differed were fetched; among `committed`. Nil where there is none.
    public var patched: Int?
    /// Windows that could not be exported.
    public var failed = 0
    /// Committed windows that were compared with the service. Nil where none was.
    public var looked: Int?
    /// The same by the kind of look: `counts`, `lean`, `full`. Nil where none was.
    public var looks: [String: Int]?
    /// Compared windows that differ from the service; they are exported again. Nil where none was compared.
    public var differing: Int?
    /// Windows that came back with none, or less than half, of the rows that the destination had, though they were walked twice. Nil where there is none.
    public var fewerRows: Int?
    /// Conversations that were written, or whose rows of other tables were.
    public var rows = 0
    /// Rows that were written of each table, by its name. Nil in records of older versions.
    public var tableRows: [String: Int]?
    /// The size of all files, as they stand.
    public var bytes = 0
    /// Requests that were sent, repeats included.
    public var requests = 0
    /// Requests that were repeats.
    public var retries = 0
    /// Responses with status 429.
    public var throttled = 0
    /// How long the service asked to wait. Nil in records of older versions.
    public var throttledSeconds: Double?
    /// Received, as it came over the wire.
    public var receivedBytes = 0
    /// How long answers took, from sending to the last byte. Nil where there was none, and in records of older versions.
    public var latency: Latency?

    /// In milliseconds, to a quarter of a power of two.
    public struct Latency: Sendable, Hashable, Codable {
        /// Half of all requests took no longer, in milliseconds.
        public var median: Int
        /// 95 of 100 requests took no longer, in milliseconds.
        public var p95: Int

        enum CodingKeys: String, CodingKey {
            case median = "p50_ms"
            case p95 = "p95_ms"
        }
    }

    enum CodingKeys: String, CodingKey {
        case windows, skipped, committed, unsettled, rendered, patched, failed, looked, looks, differing
        case fewerRows = "fewer_rows"
        case rows
        case tableRows = "table_rows"
        case bytes, requests, retries, throttled
        case throttledSeconds = "throttled_seconds"
        case receivedBytes = "received_bytes"
        case latency
    }

    /// Creates the summary of a run that did nothing.
    public init() {}
}

extension RunSummary {
    /// Adds rows of tables; nil where there is nothing to tell.
    public mutating func add(tableRows more: [String: Int]?) {
        guard let more else { return }
        var rows = tableRows ?? [:]
        rows.add(rows: more)
        tableRows = rows
    }
}

extension [String: Int] {
    /// Adds rows of tables, by the tables' names.
    package mutating func add(rows more: [String: Int]) {
        merge(more) { $0.addingClamped($1) }
    }
}

extension RunRecord: StoredState {
    /// The newest format of a run record that this version reads, and the one that it writes.
    package static let newestFormat = 1
    /// The largest run record that is read, in bytes.
    package static let largestFile = 8 << 20

    /// Whether all counts are plausible.
    package var isWithinBounds: Bool {
        Self.isExitCode(exitCode) && summary.isWithinBounds
            && (agents ?? []).allSatisfy { Self.isExitCode($0.exitCode) && $0.summary.isWithinBounds }
    }

    private static func isExitCode(_ code: Int) -> Bool { 0...255 ~= code }
}

extension RunSummary {
    fileprivate var isWithinBounds: Bool {
        let counts = [
            looked ?? 0, differing ?? 0, windows, skipped, committed, unsettled, rendered ?? 0, patched ?? 0, failed, rows, bytes,
            requests,
            retries,
            throttled, receivedBytes,
        ]
        return (counts + [latency?.median ?? 0, latency?.p95 ?? 0] + (tableRows ?? [:]).values + (looks ?? [:]).values).allSatisfy(
            \.isCount)
            && 0...Double(Int.largestCount) ~= throttledSeconds ?? 0
    }
}
