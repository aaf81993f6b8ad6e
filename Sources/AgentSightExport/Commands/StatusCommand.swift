import ArgumentParser
import ExportCore
import ExportEngine
import ExportStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how far an export has come: coverage, gaps, last runs.",
        discussion: """
            Nothing is sent, and no file but the manifests is read.

            Examples:
              agentsight-export status pipelines/nightly.yml
              agentsight-export status exports/support --format json
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "How many of the last runs are shown.")
    var runs = 10

    @Option(help: "text or json.")
    var format = AnswerFormat.text

    func validate() throws {
        guard runs >= 0 else { throw ValidationError("--runs is a number from 0 on") }
    }

    func run() async throws {
        try await finish {
            let target = try target.resolve()
            let folder = target.folder
            let status =
                if let plan = target.plan { try DestinationStatus(of: plan, in: folder) } else { try DestinationStatus(of: folder) }
            let lastRuns = try folder.runNames().suffix(runs).reversed().map { Run($0, try folder.runRecord(named: $0)) }
            switch format {
            case .json: try Answer.write(json: StatusAnswer(status, destination: folder.name, runs: lastRuns))
            case .text:
                try Answer.write(StatusText(status: status, plan: target.plan, destination: folder.name, runs: lastRuns).text)
            }
            return .done
        }
    }
}

/// One line of the last runs.
private struct Run: Encodable {
    let run: String
    /// Nil where the record cannot be read; and so on.
    let startedAt: Instant?
    let seconds: Double?
    let exitCode: Int?
    let committed: Int?
    let failed: Int?
    let rows: Int?

    enum CodingKeys: String, CodingKey {
        case run
        case startedAt = "started_at"
        case seconds
        case exitCode = "exit_code"
        case committed, failed, rows
    }

    init(_ name: String, _ record: RunRecord?) {
        run = name
        startedAt = record?.startedAt
        seconds = record.map { $0.endedAt.duration(since: $0.startedAt) / .seconds(1) }
        exitCode = record?.exitCode
        committed = record?.summary.committed
        failed = record?.summary.failed
        rows = record?.summary.rows
    }

    static let titles = ["run", "started", "took", "exit code", "committed", "failed", "rows"]

    var cells: [String] {
        guard let startedAt, let seconds, let exitCode, let committed, let failed, let rows else {
            return [run, "its record cannot be read"]
        }
        return [
            run, "\(startedAt.description.prefix(19))Z", RunReporter.seconds(.seconds(seconds)), "\(exitCode)", "\(committed)",
            "\(failed)", "\(rows)",
        ]
    }
}

/// What `status --format json` prints.
private struct StatusAnswer: Encodable {
    let pipeline: String?
    let destination: String
    let windows: Windows
    let coverage: Coverage?
    let gaps: [Gap]
    let unsettled: [String]
    let unreadable: [String]
    let rows: Int
    let bytes: Int
    let runs: [Run]

    struct Windows: Encodable {
        let declared: Int?
        let committed: Int
        let unsettled: Int
        let due: Int?
        let again: Int?

        enum CodingKeys: CodingKey {
            case declared, committed, unsettled, due, again
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            // Null where there is no declaration.
            try container.encode(declared, forKey: .declared)
            try container.encode(committed, forKey: .committed)
            try container.encode(unsettled, forKey: .unsettled)
            try container.encode(due, forKey: .due)
            try container.encode(again, forKey: .again)
        }
    }

    struct Coverage: Encodable {
        let from: Instant?
        let to: Instant

        enum CodingKeys: CodingKey {
            case from, to
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            // Null: from the beginning of all records.
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
        }
    }

    struct Gap: Encodable {
        let from: Instant?
        let to: Instant
        let windows: Int?

        enum CodingKeys: CodingKey {
            case from, to, windows
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
            // Null where no declaration says how many there are.
            try container.encode(windows, forKey: .windows)
        }
    }

    enum CodingKeys: CodingKey {
        case pipeline, destination, windows, coverage, gaps, unsettled, unreadable, rows, bytes, runs
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pipeline, forKey: .pipeline)
        try container.encode(destination, forKey: .destination)
        try container.encode(windows, forKey: .windows)
        // Null where no window is there.
        try container.encode(coverage, forKey: .coverage)
        try container.encode(gaps, forKey: .gaps)
        try container.encode(unsettled, forKey: .unsettled)
        try container.encode(unreadable, forKey: .unreadable)
        try container.encode(rows, forKey: .rows)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(runs, forKey: .runs)
    }

    init(_ status: DestinationStatus, destination: String, runs: [Run]) {
        pipeline = status.pipeline
        self.destination = destination
        windows = Windows(
            declared: status.declared?.windows, committed: status.committed, unsettled: status.unsettled.count,
            due: status.declared?.due, again: status.declared?.again)
        coverage = status.coverage.map { Coverage(from: $0.start, to: $0.end) }
        gaps = status.gaps.map { Gap(from: $0.range.start, to: $0.range.end, windows: $0.windows) }
        unsettled = status.unsettled
        unreadable = status.unreadable
        rows = status.rows
        bytes = status.bytes
        self.runs = runs
    }
}

/// What `status` prints for people.
private struct StatusText {
    let status: DestinationStatus
    /// Nil for a folder alone.
    let plan: ExportPlan?
    let destination: String
    let runs: [Run]

    var text: String {
        let title = status.pipeline.map { "\($0) in \(destination)" } ?? destination
        let table = runs.isEmpty ? "" : "\n\n" + Answer.table([Run.titles] + runs.map(\.cells))
        return "\(title)\n\(Answer.table(facts.map { ["  " + $0[0], $0[1]] }))\(table)"
    }

    private var facts: [[String]] {
        var facts: [[String]] = []
        if let plan, let first = plan.windows.first, let last = plan.windows.last {
            facts.append(["declared", "\(RunReporter.count(plan.windows.count, "window")), \(first.range.union(last.range))"])
        }
        facts.append(["covered", status.coverage?.description ?? "nothing"])
        facts.append(["committed", "\(RunReporter.count(status.committed, "window")), proved"])
        facts += keys("unsettled", status.unsettled)
        facts += keys("unreadable", status.unreadable)
        if let declared = status.declared {
            facts.append(["due", RunReporter.count(declared.due, "window")])
            if declared.again > 0 { facts.append(["due again", RunReporter.count(declared.again, "window")]) }
        }
        facts += gap("not begun", status.before)
        facts += status.gaps.flatMap { gap("gap", $0) }
        facts += gap("overdue", status.overdue)
        if status.declared != nil, status.others > 0 {
            facts.append([
                "beside them", "\(RunReporter.count(status.others, "window")) that the declaration does not have (any more)",
            ])
        }
        facts.append(["size", "\(RunReporter.count(status.rows, "row")), \(RunReporter.bytes(status.bytes))"])
        return facts
    }

    private func gap(_ name: String, _ gap: DestinationStatus.Gap?) -> [[String]] {
        gap.map { gap in
            [[name, (gap.windows.map { "\(RunReporter.count($0, "window")), " } ?? "") + gap.range.description]]
        } ?? []
    }

    /// A few of the keys, where there are some.
    private func keys(_ name: String, _ keys: [String]) -> [[String]] {
        guard !keys.isEmpty else { return [] }
        let shown = keys.prefix(10).joined(separator: ", ") + (keys.count > 10 ? ", …" : "")
        return [[name, "\(RunReporter.count(keys.count, "window")): \(shown)"]]
    }
}
