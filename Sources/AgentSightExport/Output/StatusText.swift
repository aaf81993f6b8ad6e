import ExportCore
import ExportEngine
import ExportLoad
import ExportReport
import ExportStore

/// The text output of `status`.
struct StatusText {
    let status: DestinationStatus
    /// `nil` for a folder alone.
    let plan: ExportPlan?
    let destination: String
    /// Why a run would end before it begins.
    let refusal: StoreError?
    let runs: [StatusRun]
    let lockHolders: [LockHolder]
    let windows: [WindowStatus]
    /// `nil` if no warehouse is asked.
    let load: LoadStatus?

    var text: String {
        let title = (status.pipeline.map { "\($0) in \(destination)" } ?? destination).shown()
        let reasons = runs.compactMap(\.reason).map { "\n  \($0)" }.joined()
        let table = runs.isEmpty ? "" : "\n\n" + StandardOutput.table([StatusRun.titles] + runs.map(\.cells)) + reasons
        let calendar = TextCalendar(windows).lines().map { "\n  \($0)" }.joined()
        return
            "\(title)\n\(StandardOutput.table(facts.map { ["  " + $0[0], $0[1]] }))\(calendar.isEmpty ? "" : "\n\(calendar)")\(table)"
    }

    private var facts: [[String]] {
        var facts: [[String]] = []
        if let refusal { facts.append(["refused", "a run refuses this destination: \(refusal)"]) }
        if let plan, let span = plan.span {
            facts.append(["declared", "\(Figures.count(plan.windows.count, "window")), \(span)"])
        }
        facts.append(["covered", status.coverage?.description ?? "nothing"])
        facts.append(["committed", "\(Figures.count(status.committed, "window")), proved"])
        facts += keys("unsettled", status.unsettled)
        facts += keys("unreadable", status.unreadable)
        facts += keys("newer", status.newer, " written by a newer version of agentsight-export, which this version cannot read")
        if let declared = status.declared {
            if declared.lookback > 0 {
                facts.append([
                    "lookback", "\(Figures.count(declared.lookback, "window")) of them, which the next run exports again",
                ])
            }
            facts.append(["due", Figures.count(declared.due, "window")])
            if declared.render > 0 {
                facts.append(["to render", "\(Figures.count(declared.render, "window")) of them, from stored rows"])
            }
            if declared.again > 0 { facts.append(["due again", Figures.count(declared.again, "window")]) }
        }
        for kind in LookKind.allCases {
            guard let looks = status.looks[kind] else { continue }
            let time = looks.earliest == looks.latest ? "on \(looks.latest)" : "between \(looks.earliest) and \(looks.latest)"
            facts.append(["compared", "\(Figures.count(looks.windows, "window")) last in a \(kind.rawValue) look, \(time)"])
        }
        facts += keys("differ", status.differing, " that a look found different, and that the next run exports again")
        facts += gap("not begun", status.before)
        facts += status.gaps.flatMap { gap("gap", $0) }
        facts += gap("overdue", status.overdue)
        if status.declared != nil, status.others > 0 {
            facts.append([
                "beside them",
                "\(Figures.count(status.others, "window")) that the pipeline file does not declare; `prune` lists them",
            ])
        }
        for lockHolder in lockHolders {
            let holder = lockHolder.holder?.shown() ?? "an unidentified run"
            facts.append(
                lockHolder.isActive
                    ? ["at work", holder] : ["broken off", "\(holder): the next run continues its work"])
        }
        facts.append(["size", "\(Figures.rows(status.rows, status.tableRows)), \(Figures.bytes(status.bytes))"])
        if status.keptRows.windows > 0 {
            let (windows, bytes) = (status.keptRows.windows, status.keptRows.bytes)
            facts.append(["stored rows", "\(Figures.bytes(bytes)) of \(Figures.count(windows, "window")), below _agentsight/rows"])
        }
        if let load {
            let loads = load.keys
            facts.append(["loaded", "\(Figures.count(loads[.loaded]?.count ?? 0, "window")) in \(load.into)"])
            facts += keys("outdated", loads[.outdated] ?? [], " loaded in an older version, which `load` replaces")
            facts += keys("not loaded", loads[.notLoaded] ?? [])
            facts += keys(
                "orphaned", loads[.orphaned] ?? [],
                " in \(load.into) that the destination does not have; `load --prune` removes them")
            facts += load.formerTables.map { table in
                [
                    "orphaned",
                    "\(Figures.count(table.windows, "window")) in the table \(table.name.shown()), which the pipeline no longer has; "
                        + "`load --prune` removes them",
                ]
            }
        }
        return facts
    }

    private func gap(_ name: String, _ gap: DestinationStatus.Gap?) -> [[String]] {
        gap.map { gap in
            [[name, (gap.windows.map { "\(Figures.count($0, "window")), " } ?? "") + gap.range.description]]
        } ?? []
    }

    /// A few of the keys, where there are some.
    private func keys(_ name: String, _ keys: [String], _ what: String = "") -> [[String]] {
        guard !keys.isEmpty else { return [] }
        let shown = keys.prefix(10).joined(separator: ", ") + (keys.count > 10 ? ", …" : "")
        return [[name, "\(Figures.count(keys.count, "window"))\(what): \(shown)"]]
    }
}
