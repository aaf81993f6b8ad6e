import ArgumentParser
import ExportCore
import ExportEngine
import ExportReport
import ExportStore

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte of an export against its manifests.",
        usage: "agentsight-export verify [<options>] <target>",
        discussion: """
            Checks sizes, SHA-256, gzip, rows, ids and their order, and reports overlapping windows and unexpected files. Exits with 4 if it \
            finds a problem.

            Examples:
              agentsight-export verify exports/support
              agentsight-export verify pipelines/nightly.yml --server
              agentsight-export verify s3://bucket/support
            """
    )

    @OptionGroup var target: TargetOptions

    @Flag(help: "Also compare the rows of each window with the service. Needs a pipeline file.")
    var server = false

    @Option(
        help: ArgumentHelp(
            "With --server: \(LookKind.choices)", valueName: LookKind.valueName))
    var look: LookKind?

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if look != nil, !server { throw ValidationError("--look needs --server") }
    }

    func run() async throws {
        let look = look ?? .lean
        let (isServer, format, logger, console, file) = (
            server, format, output.logger, output.console, ShellQuoting.target(target.target, settings: target.settings)
        )
        try await finish {
            try await target.withTarget(logger: logger) { target in
                if isServer, target.plan == nil {
                    throw CommandFailure(
                        "--server needs a pipeline file, because a destination contains neither the endpoint of the service nor the API key.",
                        .wrongCommand)
                }
                if isServer { try target.plan?.check(look) }
                let answer = try await Interruption.withHandling {
                    var answer = VerifyOutput(format: format)
                    answer.summary = try await Verification(of: target.destination, pipeline: target.plan?.pipeline)
                        .run {
                            try answer.add($0)
                            // A run that does not read it takes it for what was written.
                            if let key = $0.window, case .unreadable = $0.fault { answer.differing.insert(key) }
                        }
                    if let refusal = try await target.refusal() { try answer.add(VerifyProblem(refused: refusal)) }
                    guard isServer, let plan = target.plan else { return answer }
                    answer.look = look
                    answer.compared = try await Service.withClients(for: plan, logger: logger) { clients in
                        try await KeyCheck.run(plan, in: target.destination, from: clients)
                        var compared: [WindowComparison] = []
                        for ((_, part), client) in zip(plan.parts, clients) {
                            let check = ServerCheck(of: part, in: target.destination, from: client, look: look)
                            let measures = try await check.run { comparison in
                                compared.append(comparison)
                                for problem in comparison.problems { try answer.add(problem) }
                                if comparison.differs { answer.differsFromServer = true }
                                answer.newKeys.formUnion(comparison.newKeys)
                            }
                            answer.measures += measures.filter { !answer.measures.contains($0) }
                        }
                        console.warnAboutClocks(clients)
                        return compared
                    }
                    return answer
                }
                try await answer.finish(target, file: file)
                return answer.isOK ? ExitStatus.done : .unsettled
            }
        }
    }
}

/// The output of `verify`: as text, problem by problem; as JSON, all at the end.
private struct VerifyOutput {
    let format: ResultFormat
    var summary = Verification.Summary()
    /// With the service. Nil where that was not asked.
    var compared: [WindowComparison]?
    /// How windows were compared with the service.
    var look = LookKind.lean
    /// The measures that a look at counts used.
    var measures: [CountMeasure] = []
    var differsFromServer = false
    /// Keys of the service's rows that windows lack.
    var newKeys: Set<String> = []
    /// Keys of windows that the service has otherwise, or that hold what cannot be read.
    var differing: Set<String> = []
    private var problems: [Problem] = []
    private(set) var isOK = true

    private struct Problem: Encodable {
        let window: OrNull<String>
        let path: OrNull<String>
        let problem: String
    }

    private struct Document: Encodable {
        let ok: Bool
        let problems: [Problem]
        /// With `--server`.
        let windows: [Compared]?
        /// Keys of the service's rows that windows lack. Nil if there are none.
        let newKeys: [String]?

        enum CodingKeys: String, CodingKey {
            case ok, problems, windows
            case newKeys = "new_keys"
        }
    }

    /// A window that was compared with the service.
    private struct Compared: Encodable {
        let window: String
        /// The kind of comparison: `full`, `lean`, `ids`, `count` or `counts`; `none` if the window could not be compared.
        let compared: String
        let came: Int
        let went: Int
        let changed: Int
        /// The counts that differ, for a look at counts.
        let counts: [CountDifference]?

        init(_ comparison: WindowComparison) {
            let changes = comparison.changes
            (window, came, went, changed) = (comparison.window, changes.came, changes.went, changes.changed)
            compared = comparison.wasMade ? comparison.compared.name : "none"
            if case .counts(let differences) = comparison.compared { counts = differences } else { counts = nil }
        }
    }

    init(format: ResultFormat) {
        self.format = format
    }

    mutating func add(_ problem: VerifyProblem) throws {
        isOK = false
        switch format {
        case .json: problems.append(Problem(window: .init(problem.window), path: .init(problem.path), problem: problem.words))
        case .text:
            let place = [problem.window, problem.path].compactMap(\.self).joined(separator: "  ")
            try StandardOutput.write("\(place): \(problem.words)".shown())
        }
    }

    func finish(_ target: TargetOptions.Target, file: String) async throws {
        guard format == .text else {
            return try StandardOutput.write(
                json: Document(
                    ok: isOK, problems: problems, windows: compared?.map(Compared.init),
                    newKeys: newKeys.isEmpty ? nil : newKeys.sorted()))
        }
        let size =
            "\(Figures.count(summary.windows, "window")), \(Figures.count(summary.files, "file")), "
            + "\(Figures.rows(summary.rows, summary.tableRows)), \(Figures.bytes(summary.bytes))"
        let server = compared.map { ", \(comparedText($0))" } ?? ""
        try StandardOutput.write("\(target.destination.name): \(size)\(server): \(isOK ? "verified" : "NOT VERIFIED")")
        guard let plan = target.plan else { return }
        try await note(plan, target.destination)
        if differsFromServer {
            let option = look == .lean ? "" : " --look \(look.rawValue)"
            try StandardOutput.write(
                "note: agentsight-export run \(file) --refresh\(option) exports the windows that differ from the service again")
        }
        if !newKeys.isEmpty {
            let names = newKeys.sorted().map { $0.shown() }.joined(separator: ", ")
            try StandardOutput.write(
                "note: the service's rows have keys that windows exported before lack: \(names); agentsight-export run \(file) --force "
                    + "exports them")
        }
        let ranges = plan.windows.filter { differing.contains($0.key) }.map(\.range)
        if let first = ranges.first, let last = ranges.last {
            let from = first.start.map { " --from \($0)" } ?? ""
            try StandardOutput.write(
                "note: agentsight-export run \(file)\(from) --to \(last.end) --force exports the unreadable windows again")
        }
    }

    /// A summary of what was compared, and what was not.
    private func comparedText(_ all: [WindowComparison]) -> String {
        let compared = all.filter(\.wasMade)
        var notes: [String] = []
        let counted = compared.filter { $0.compared.isOfCounts }
        let whole = look == .counts ? compared.count { $0.compared == .fields(.full) } : 0
        let byRows = compared.count - counted.count - whole
        if look == .counts, byRows > 0 {
            notes.append(
                "\(byRows) of them in a lean look, because the export has no sums of them or counts would not save requests")
        }
        if whole > 0 { notes.append("\(whole) of them in a full look, because a count differs that lean rows do not show") }
        let disagreeing = compared.count { $0.leavesOutFields }
        if disagreeing > 0 {
            notes.append(
                "\(disagreeing) of them only by ids, because rows at this endpoint still differed after they were exported again")
        }
        let (without, onlyIDs) = (
            compared.filter { !$0.fieldsLeftOut.isEmpty },
            compared.count { $0.compared.isOfIDs && !$0.fieldsLeftOut.isEmpty }
        )
        if let first = without.first {
            let fields = first.fieldsLeftOut.joined(separator: ", ")
            notes.append("\(without.count) of them without \(fields), which rows without transcripts lack or show otherwise")
        }
        if onlyIDs > 0 {
            notes.append("\(onlyIDs) of them only by ids, because the export has no rows as they came to compare the other fields")
        }
        let others = compared.count { $0.compared.isOfIDs && !$0.leavesOutFields && $0.fieldsLeftOut.isEmpty }
        if others > 0 {
            notes.append("\(others) of them only by ids, because the export has neither digests nor rows as they came")
        }
        var text = "\(Figures.count(compared.count, "window")) compared with the service in a \(look.rawValue) look"
        if !notes.isEmpty { text += " (\(notes.joined(separator: "; ")))" }
        let failed = all.count - compared.count
        if failed > 0 { text += ", \(failed) could not be compared" }
        if !counted.isEmpty, all.allSatisfy({ !$0.compared.isOfCounts || $0.wasMade && !$0.differs }) {
            let windows = counted.count < compared.count ? " of \(Figures.count(counted.count, "window"))" : ""
            text += "; counts\(windows) agree (\(measures.map(\.name).joined(separator: ", ")))"
        }
        return text + blindSpots(counted: counted.count, byRows: byRows, whole: whole)
    }

    /// What was not compared: of windows that were compared by counts, and of those that were compared row by row.
    private func blindSpots(counted: Int, byRows: Int, whole: Int) -> String {
        let ofCounts = counted > 0 ? LookKind.counts.blindSpot : nil
        let ofRows = byRows > 0 ? max(look, .lean).blindSpot : nil
        switch (ofCounts, ofRows) {
        case (let ofCounts?, let ofRows?):
            return "; not compared by counts: \(ofCounts); not compared in a lean look: \(ofRows)"
        case (let ofCounts?, nil) where whole > 0: return "; not compared by counts: \(ofCounts)"
        case (nil, let ofRows?) where whole > 0: return "; not compared in a lean look: \(ofRows)"
        case (let one?, nil), (nil, let one?): return "; \(one) are not compared"
        case (nil, nil): return ""
        }
    }

    /// Windows of the declaration that are no problem of what is there.
    private func note(_ plan: ExportPlan, _ destination: any ReadableDestination) async throws {
        let (policy, keys) = (try plan.policy, Set(try await destination.windowKeys()))
        var (absent, other, left) = (0, 0, 0)
        for window in plan.windows {
            if !keys.contains(window.key) {
                absent += 1
            } else if let manifest = try await destination.readableManifest(ofWindow: window.key),
                !policy.wrote(manifest)
            {
                other += 1
                if !policy.asked(for: manifest) { left += 1 }
            }
        }
        if absent > 0 { try StandardOutput.write("note: \(Figures.count(absent, "window")) of the pipeline not exported yet") }
        if other > 0 {
            let notCompared = left == other ? "not compared with the service" : "\(left) of them not compared with the service"
            try StandardOutput.write(
                "note: \(Figures.count(other, "window")) exported with an earlier version of the pipeline file"
                    + (compared == nil || left == 0 ? "" : "; \(notCompared)"))
        }
    }
}
