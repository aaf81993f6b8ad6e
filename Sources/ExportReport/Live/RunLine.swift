import ExportCore
public import ExportEngine

/// A line of a run's report.
public struct RunLine: Sendable, Hashable {
    /// How urgent a line is.
    public enum Level: Sendable, Hashable {
        case note, warning
    }

    /// How urgent the line is.
    public var level: Level
    /// The line, without a line feed.
    public var text: String
    /// The line for programs.
    public var fields: [String: String] = [:]

    init(_ level: Level, _ text: String, _ fields: [String: String] = [:]) {
        self.level = level
        self.text = text
        self.fields = fields
    }

    /// The lines that report an event.
    public static func lines(of event: RunEvent, pipeline: String) -> [RunLine] {
        switch event {
        case .started(let due, let skipped):
            [RunLine(.note, "\(pipeline): \(Figures.count(due, "window")) to export, \(skipped) committed already")]
        case .adopted(let windows): [RunLine(.note, "\(pipeline): \(Figures.count(windows, "window")) taken over")]
        case .rendering(let windows):
            [RunLine(.note, "\(pipeline): \(Figures.count(windows, "window")) to render from stored rows")]
        case .endpointMoved(let agent, let old, let new):
            [
                RunLine(
                    .note,
                    "\(pipeline): \(agent.map { "agent \($0.shown()): " } ?? "")the endpoint was \(old.shown()) and is \(new.shown()), with the "
                        + "same agent")
            ]
        case .agentLearnt(let agent, let number):
            [
                RunLine(
                    .note,
                    "\(pipeline): \(agent.map { "agent \($0.shown()): " } ?? "")windows of an older version do not record their agent: "
                        + "they count as windows of agent \(number), and the key of another agent is refused from now on")
            ]
        case .rowsUnfit(let window, let reason):
            [
                RunLine(
                    .warning, "\(pipeline), window \(window): it cannot be rendered: \(reason). It is exported again",
                    ["window": window])
            ]
        case .committed(let manifest): [committed(manifest)] + misfits(manifest, pipeline) + cuts(manifest, pipeline)
        case .failed(let failure):
            [RunLine(.warning, "\(pipeline), window \(failure.window): \(failure.reason)", ["window": failure.window])]
        case .newColumns(let window, let names):
            [
                RunLine(
                    .note, "  \(window)  new keys, which become columns: \(shown(names))",
                    ["window": window])
            ]
        case .keysWithoutColumn(let window, let names):
            [
                RunLine(
                    .warning,
                    "\(pipeline), window \(window): new keys without a column, because the header is already written: \(shown(names)). "
                        + "If the output has a rest column, their values are there. Export to a folder to get them as columns",
                    ["window": window])
            ]
        case .columnsCollide(let window, let collisions):
            collisions.prefix(50).map { collision in
                RunLine(
                    .warning,
                    """
                    \(pipeline), window \(window): \(collision.key.shown()) of \(collision.table.rawValue) would become the \
                    column \(collision.name.shown()), which \(collision.holder.shown()) already uses: its values are in the rest. \
                    Give one of them another name under columns
                    """,
                    ["window": window])
            }
        case .columnsFull(let window, let tables):
            [
                RunLine(
                    .warning,
                    "\(pipeline), window \(window): more keys of \(tables.map(\.rawValue).joined(separator: ", ")) than the limit for columns ("
                        + "\(ColumnLimits.columns) and \(ColumnLimits.allBytes / 1024) KiB of names per table): the values of the others are in the rest",
                    ["window": window])
            ]
        case .fewerRows(let fewer): [self.fewer(fewer, pipeline)]
        case .repeatedIDs(let window, let repeated): [self.repeated(repeated, window, pipeline)]
        case .clockSkew(let reading): [skew(reading, pipeline)]
        case .completingColumns: [RunLine(.note, "\(pipeline): adding the columns that other windows brought")]
        case .looking(let windows):
            [RunLine(.note, "\(pipeline): comparing \(Figures.count(windows, "window")) with the service")]
        case .lookedAt(let comparison): comparison.lines(pipeline)
        case .differencePersists(let window):
            [
                RunLine(
                    .warning,
                    """
                    \(pipeline), window \(window): the service shows the same difference as before the window was exported again, so \
                    it is not exported once more. Its responses contradict each other; `verify --server` names the rows
                    """,
                    ["window": window])
            ]
        case .limitsIgnored(let reason):
            [
                RunLine(
                    .warning,
                    "\(pipeline): \(DestinationPath.state)/limits.json, the rate limits that earlier runs found, is ignored: \(reason). The run "
                        + "finds the limit again")
            ]
        case .limitsNotKept(let reason):
            [
                RunLine(
                    .warning,
                    "\(pipeline): the rate limit that this run found was not written to the destination: \(reason). The next run finds it again"
                )
            ]
        case .fieldsDisagree(let window, let look):
            [
                RunLine(
                    .warning,
                    """
                    \(pipeline), window \(window): rows differ in a \(look.rawValue) look although they were just exported. From now on \
                    \(look.rawValue) looks at this endpoint compare only ids. To compare fields again, delete \
                    _agentsight/looks.json
                    """,
                    ["window": window, "look": look.rawValue])
            ]
        case .countsAgree(let windows, let measures):
            [
                RunLine(
                    .note,
                    "\(pipeline): counts of \(Figures.count(windows, "window")) agree (\(measures.map(\.name).joined(separator: ", ")))",
                    ["windows": String(windows)])
            ]
        case .countsNotUsed(let windows):
            [
                RunLine(
                    .note,
                    "\(pipeline): comparing the rows of \(Figures.count(windows, "window")): their counts are not comparable, or would "
                        + "not save requests",
                    ["windows": String(windows)])
            ]
        case .fieldsUnshared(let names):
            [
                RunLine(
                    .warning,
                    """
                    \(pipeline): rows without transcripts lack these fields, or show them otherwise than whole rows, so that lean looks at \
                    this endpoint do not compare them: \(names.joined(separator: ", ")). A full look compares them. To find out again, \
                    delete _agentsight/looks.json
                    """, ["fields": names.joined(separator: ",")])
            ]
        case .keysNotExported(let names):
            [
                RunLine(
                    .warning,
                    "\(pipeline): the service's rows have keys that windows exported before lack: \(shown(names)); `run --force` exports them"
                )
            ]
        case .measureUnused(let measure, let window): [unused(measure, window, pipeline)]
        case .progressed: []
        }
    }

    private static func unused(_ measure: CountMeasure, _ window: String?, _ pipeline: String) -> RunLine {
        let reason =
            window.map {
                "window \($0): the service's count of \(measure.name) differs from its rows, although the window was just exported"
            } ?? "the service does not count by \(measure.name)"
        var fields = ["measure": measure.name]
        fields["window"] = window
        return RunLine(
            .warning,
            "\(pipeline), \(reason). From now on, counts looks at this endpoint do not use it. To use it again, delete "
                + "_agentsight/looks.json",
            fields)
    }

    /// The first fifty names; `columns.json` has them all.
    private static func shown(_ names: [String]) -> String {
        let most = 50
        let more = names.count > most ? ", … (\(names.count - most) more)" : ""
        return names.prefix(most).map { $0.shown() }.joined(separator: ", ") + more
    }

    private static func committed(_ manifest: Manifest) -> RunLine {
        let (key, status) = (manifest.window.key, manifest.status.rawValue)
        let (rows, bytes) = (manifest.proof.distinctIDs, manifest.bytes)
        let repaired = manifest.proof.repaired > 0 ? "  \(Figures.count(manifest.proof.repaired, "range")) repaired" : ""
        return RunLine(
            .note, "  \(key)  \(status)  \(Figures.rows(rows, manifest.tableRows))  \(Figures.bytes(bytes))\(repaired)",
            ["window": key, "status": status, "rows": String(rows), "bytes": String(bytes)])
    }

    private static func skew(_ reading: ClockReading, _ pipeline: String) -> RunLine {
        RunLine(
            .warning,
            """
            \(pipeline): this machine's clock says \(reading.machine), the service's \(reading.service): windows are exported up \
            to the earlier of the two. Set this machine's clock. If it is right, the service's clock is wrong, or a cache in \
            front of the service sent old responses
            """,
            ["machine": "\(reading.machine)", "service": "\(reading.service)"])
    }

    private static func fewer(_ fewer: FewerRows, _ pipeline: String) -> RunLine {
        var fields = ["window": fewer.window, "rows_before": String(fewer.before), "rows_first": String(fewer.first)]
        fields["rows_again"] = fewer.second.map { String($0) }
        let advice =
            fewer.verdict == .accepted ? ". If rows should not be missing, check the service, then run again with --force" : ""
        return RunLine(.warning, "\(pipeline), window \(fewer.window): \(fewer)\(advice)", fields)
    }

    private static func repeated(_ repeated: RepeatedIDs, _ window: String, _ pipeline: String) -> RunLine {
        let named = repeated.ids.prefix(10).map(String.init).joined(separator: ", ") + (repeated.ids.count > 10 ? ", …" : "")
        let ids = repeated.ids.count == 1 ? "id \(named) twice" : "\(repeated.ids.count) ids (\(named)) more than once"
        return RunLine(
            .warning,
            "\(pipeline), window \(window): the service lists \(ids), with different started_at, which never changes. The first row was "
                + "written and \(Figures.count(repeated.rows, "row")) left out; the window is unsettled",
            ["window": window, "ids": String(repeated.ids.count)])
    }

    private static func cuts(_ manifest: Manifest, _ pipeline: String) -> [RunLine] {
        manifest.files.flatMap { file in
            (file.cut ?? [:]).sorted { $0.key < $1.key }.map { column, count in
                RunLine(
                    .warning,
                    "\(pipeline), window \(manifest.window.key), \(file.path): \(Figures.count(count, "value")) of column \(column.shown()) "
                        + "exceeded the 32,767 characters of a spreadsheet cell and \(count == 1 ? "was" : "were") cut; "
                        + "an output with dialect: warehouse has them whole")
            }
        }
    }

    private static func misfits(_ manifest: Manifest, _ pipeline: String) -> [RunLine] {
        manifest.files.flatMap { file in
            (file.misfits ?? [:]).sorted { $0.key < $1.key }.map { column, count in
                RunLine(
                    .warning,
                    "\(pipeline), window \(manifest.window.key), \(file.path): \(Figures.count(count, "value")) did not fit the type of column "
                        + "\(column.shown()); if the output has a rest column, the values are there")
            }
        }
    }
}

extension WindowComparison {
    /// The lines that report a look: that the window differs, or could not be compared.
    fileprivate func lines(_ pipeline: String) -> [RunLine] {
        let fields = [
            "window": window, "came": String(changes.came), "went": String(changes.went), "changed": String(changes.changed),
        ]
        switch obstacle {
        case .changedMeanwhile:
            return [
                RunLine(
                    .warning, "\(pipeline), window \(window): its rows changed while they were compared; the next run looks again",
                    ["window": window])
            ]
        // These concern many windows at once; the line about the measure reports them.
        case .countsUnsettled: return []
        case .doesNotAddUp, .listedTwice:
            return problems.map { RunLine(.warning, "\(pipeline), window \(window): \($0.words)", ["window": window]) }
        case nil where differs:
            if case .counts(let counts) = compared { return [RunLine(.note, "  \(window)  differs: \(counts.words)", fields)] }
            return [RunLine(.note, "  \(window)  differs: \(changes)\(compared.note)", fields)]
        case nil: return []
        }
    }
}

extension WindowComparison.Compared {
    /// A note on what was not compared, if fields should have been.
    fileprivate var note: String {
        switch self {
        case .fields, .counts: ""
        case .ids: "  (only ids compared)"
        case .count: "  (only the number of rows was compared)"
        }
    }
}
