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
    /// The first failure, if the exit code is not 0. Otherwise `nil`, as in records of older versions.
    public var reason: String?
    /// A summary of the export.
    public var summary: RunSummary
    /// The results of each agent. `nil` unless the pipeline has several.
    public var agents: [Agent]?

    /// The part of a run for one of several agents.
    public struct Agent: Sendable, Hashable, Codable {
        /// The agent's name, as in the pipeline file.
        public var name: String
        /// The exit code that the agent alone would have given.
        public var exitCode: Int
        /// Why not everything was exported. `nil` if it was.
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

    /// Creates the record of a run, in the newest format.
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

/// The counts of a run.
public struct RunSummary: Sendable, Hashable, Codable {
    /// Windows of the declaration.
    public var windows = 0
    /// Windows that were left alone, because they were committed, proved and unchanged.
    public var skipped = 0
    /// Windows that this run committed, proved or not.
    public var committed = 0
    /// Windows that were committed without a proof; included in `committed`.
    public var unsettled = 0
    /// Windows that were rewritten from stored rows, without a request; included in `committed`. `nil` if there are none.
    public var rendered: Int?
    /// Windows of which only the differing rows were fetched; included in `committed`. `nil` if there are none.
    public var patched: Int?
    /// Windows that could not be exported.
    public var failed = 0
    /// Committed windows that were compared with the service. `nil` if none was.
    public var looked: Int?
    /// The compared windows by the kind of look: `counts`, `lean`, `full`. `nil` if none was.
    public var looks: [String: Int]?
    /// Compared windows that differ from the service and are exported again. `nil` if none was compared.
    public var differing: Int?
    /// Windows that came back with none, or less than half, of the rows that the destination had, although they were walked twice. `nil` if
    /// there are none.
    public var fewerRows: Int?
    /// Conversations that were written, as rows or through rows of other tables.
    public var rows = 0
    /// The rows that were written of each table, by its name. `nil` in records of older versions.
    public var tableRows: [String: Int]?
    /// The size of all stored files, in bytes.
    public var bytes = 0
    /// Requests that were sent, including repeats.
    public var requests = 0
    /// Requests that were repeats.
    public var retries = 0
    /// Responses with status 429.
    public var throttled = 0
    /// How long the service required the run to wait, in seconds. `nil` in records of older versions.
    public var throttledSeconds: Double?
    /// Bytes received over the network, before decompression.
    public var receivedBytes = 0
    /// The response times, from sending a request to the last byte. `nil` if there were none, and in records of older versions.
    public var latency: Latency?

    /// Quantiles of response times in milliseconds, rounded up to a quarter of a power of two.
    public struct Latency: Sendable, Hashable, Codable {
        /// The median, in milliseconds.
        public var median: Int
        /// The 95th percentile, in milliseconds.
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
    /// Adds rows of tables. `nil` leaves the summary unchanged.
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
    /// The format of run records that this version writes, and the newest that it reads.
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
            looked ?? 0, differing ?? 0, fewerRows ?? 0, rendered ?? 0, patched ?? 0, windows, skipped, committed, unsettled,
            failed, rows, bytes, requests, retries, throttled, receivedBytes,
        ]
        return (counts + [latency?.median ?? 0, latency?.p95 ?? 0] + (tableRows ?? [:]).values + (looks ?? [:]).values).allSatisfy(
            \.isCount)
            && 0...Double(Int.largestCount) ~= throttledSeconds ?? 0
    }
}
