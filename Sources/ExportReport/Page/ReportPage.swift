import ExportCore
import ExportEngine

/// A report as a self-contained HTML page, without scripts and network access.
public struct ReportPage: Sendable {
    let content: ReportContent

    /// Creates the page of a report's content.
    public init(_ content: ReportContent) {
        self.content = content
    }

    /// The text of the page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(Self.escaped(content.pipeline)): export report</title>
        <link rel="icon" href="data:,">
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <h1>\(Self.escaped(content.pipeline))</h1>
        <p>\(Self.escaped(content.destination)), \(Self.time(content.madeAt))</p>
        </header>
        <main>
        \(facts)
        \(calendar)
        \(charts)
        \(agents)
        \(runs)
        \(columns)
        \(proofs)
        </main>
        </body>
        </html>

        """
    }

    // MARK: What matters

    private var facts: String {
        let status = content.status
        var tiles = [
            tile(
                "windows", "\(content.windows.count { $0.manifest != nil })",
                status.declared.map { "of \($0.windows) declared" } ?? "there"),
            tile("rows", "\(status.rows)", "distinct conversations"),
            tile("size", Figures.bytes(status.bytes), "in files"),
        ]
        if let last = content.runs.first {
            tiles.append(tile("last run", last.exitCode == 0 ? "done" : "exit \(last.exitCode)", Self.time(last.endedAt)))
        }
        return "<section class=\"tiles\">\(tiles.joined())</section>\(notices)"
    }

    private func tile(_ name: String, _ value: String, _ note: String) -> String {
        "<div><h2>\(name)</h2><p class=\"value\">\(Self.escaped(value))</p><p>\(Self.escaped(note))</p></div>"
    }

    private var notices: String {
        let status = content.status
        var notices: [String] = []
        func note(_ keys: [String], _ text: String) {
            guard !keys.isEmpty else { return }
            let shown = keys.prefix(12).joined(separator: ", ") + (keys.count > 12 ? ", …" : "")
            notices.append("<li><b>\(Figures.count(keys.count, "window")) \(text)</b>: \(Self.escaped(shown))</li>")
        }
        note(content.windows.filter { $0.status.kind == .unsettled }.map(\.key), "unsettled")
        note(content.windows.filter { $0.status.kind == .unreadable }.map(\.key), "with a damaged manifest")
        note(status.newer, "written by a newer version, which this version cannot read")
        note(content.windows.filter { $0.status.kind == .missing }.map(\.key), "missing")
        note(content.windows.filter { $0.status.kind == .again }.map(\.key), "due again")
        note(
            content.windows.filter { $0.status.kind == .render }.map(\.key),
            "to be rewritten from stored rows")
        for gap in status.gaps where status.declared == nil {
            notices.append("<li><b>gap</b>: \(Self.escaped(gap.range.description))</li>")
        }
        let all = notices.joined()
        if !notices.isEmpty { return "<ul class=\"notices\">\(all)</ul>" }
        if content.windows.isEmpty { return "<p>No window has been exported.</p>" }
        return
            "<p class=\"well\">Every \(status.declared == nil ? "exported window is proved" : "window is exported and proved").</p>"
    }

    // MARK: Agents, runs and columns

    /// A line for each of several agents, with the result of its last run.
    private var agents: String {
        let groups = content.windows.grouped { Window.parts(ofKey: $0.key).agent ?? "" }
        guard groups.contains(where: { !$0.name.isEmpty }) else { return "" }
        let last = Dictionary((content.runs.first?.agents ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let rows = groups.map { agent in
            let manifests = agent.members.compactMap(\.manifest)
            let outcome = last[agent.name].map { $0.reason ?? "done" } ?? ""
            let cells = [
                agent.name, "\(manifests.count) of \(agent.members.count)",
                "\(manifests.map(\.proof.distinctIDs).clampedSum)", Figures.bytes(manifests.map(\.bytes).clampedSum), outcome,
            ]
            return TableRow(cells: cells, isBad: last[agent.name]?.reason != nil)
        }
        let titles = ["agent", "windows there", "rows", "size", "last run"]
        return section("Agents", Self.table(titles, rows))
    }

    private var runs: String {
        guard !content.runs.isEmpty || content.unreadableRuns > 0 else { return "" }
        let rows = content.runs.map { run in
            let summary = run.summary
            let latency = summary.latency.map { "\($0.median) / \($0.p95) ms" } ?? ""
            let waited = summary.throttledSeconds.map { $0 > 0 ? Figures.span(.seconds($0)) : "" } ?? ""
            let cells = [
                Self.time(run.startedAt), Figures.span(run.endedAt.duration(since: run.startedAt)), "\(run.exitCode)",
                "\(summary.committed)", "\(summary.unsettled)", "\(summary.failed)",
                Figures.rowsCell(of: summary), "\(summary.requests)",
                latency,
                "\(summary.retries)", "\(summary.throttled)", waited,
            ]
            return TableRow(cells: cells, isBad: run.exitCode != 0, more: run.reason.map { [$0] } ?? [])
        }
        let titles = [
            "started", "took", "exit code", "committed", "unsettled", "failed", "rows", "requests", "response time (median / p95)",
            "repeated", "throttled", "waited",
        ]
        let unread = content.unreadableRuns > 0 ? "<p>\(Figures.count(content.unreadableRuns, "record")) cannot be read.</p>" : ""
        return section("Runs", Self.table(titles, rows) + unread)
    }

    private var columns: String {
        guard let catalog = content.columns else { return section("Columns", "<p>columns.json cannot be read.</p>") }
        guard !catalog.columns.isEmpty else { return "" }
        let rows = catalog.columns.map { column in
            let cells = [
                column.table.rawValue, column.name, column.type?.rawValue ?? "unknown so far",
                column.window ?? "listed by the service",
            ]
            return TableRow(cells: cells)
        }
        let files = content.windows.flatMap { $0.manifest?.files ?? [] }
        func notes(_ counts: KeyPath<Manifest.File, [String: Int]?>, _ words: String) -> [String] {
            var sums: [String: Int] = [:]
            for file in files {
                for (name, count) in file[keyPath: counts] ?? [:] { sums[name] = sums[name, default: 0].addingClamped(count) }
            }
            return sums.sorted { $0.key < $1.key }.map {
                "<li>\(Figures.count($0.value, "value")) \(words) <b>\(Self.escaped($0.key))</b></li>"
            }
        }
        let notes = notes(\.misfits, "did not fit the type of") + notes(\.cut, "cut to the length of a spreadsheet cell in")
        let drift = Self.table(["table", "column", "type", "first seen in"], rows)
        return section(
            "Discovered columns",
            "<details><summary>\(Figures.count(catalog.columns.count, "column"))</summary>\(drift)</details>"
                + (notes.isEmpty ? "" : "<ul class=\"notices\">\(notes.joined())</ul>"))
    }

    private var proofs: String {
        let there = content.windows.reversed().filter { $0.manifest != nil }
        // If there are many windows, only the latest ones and all that are not proved are shown.
        let shown = there.enumerated().filter { $0.offset < Self.maximumProofs || $0.element.status.kind != .proved }.map(\.element)
        let rows = shown.compactMap { window -> TableRow? in
            guard let manifest = window.manifest else { return nil }
            let proof = manifest.proof
            let files = manifest.files.map { "\($0.path), \(Figures.count($0.rows, "row")), sha256 \($0.sha256)" }
            let cells = [
                manifest.window.key, manifest.status.rawValue, "\(proof.distinctIDs)", "\(proof.countBefore)",
                "\(proof.countAfter)",
                "\(proof.repaired)", "\(manifest.requests)", Self.time(manifest.committedAt),
            ]
            return TableRow(cells: cells, isBad: manifest.status != .proved, more: files)
        }
        let titles = [
            "window", "status", "ids written", "counted before", "counted after", "ranges repaired", "requests", "committed",
        ]
        let left = shown.count < there.count ? " of \(there.count): the latest, and those not proved" : ""
        let summary = "<summary>\(Figures.count(rows.count, "window"))\(left)</summary>"
        return section("Proofs", "<details>\(summary)\(Self.table(titles, rows))</details>")
    }

    private static let maximumProofs = 1000

    // MARK: Pieces

    func section(_ title: String, _ body: String) -> String {
        "<section><h2>\(title)</h2>\(body)</section>"
    }

    /// A line of a table, in plain text.
    struct TableRow {
        var cells: [String]
        var isBad = false
        /// Lines below it, over the whole width.
        var more: [String] = []
    }

    /// A row, whose cells repeat their titles for pages that are too narrow for columns.
    static func table(_ titles: [String], _ rows: [TableRow]) -> String {
        let lines = rows.map { row in
            let cells = zip(titles, row.cells).enumerated().map { place, cell in
                "<td\(place == 0 ? "" : " data-is=\"\(cell.0)\"")>\(escaped(cell.1))</td>"
            }
            let more = row.more.map { "<small>\(escaped($0))</small>" }.joined(separator: "<br>")
            return "<tr\(row.isBad ? " class=\"bad\"" : "")>\(cells.joined())</tr>"
                + (more.isEmpty ? "" : "<tr class=\"more\"><td class=\"why\" colspan=\"\(titles.count)\">\(more)</td></tr>")
        }
        return "<table><thead><tr>\(titles.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>\(lines.joined())</tbody></table>"
    }

    /// A text escaped for use between tags, or in a quoted attribute.
    package static func escaped(_ text: String) -> String {
        text.shown().mappingScalars { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: nil
            }
        }
    }

    /// `2026-11-26 02:17 UTC`.
    static func time(_ instant: Instant) -> String {
        instant.description.prefix(16).replacingExactly("T", with: " ") + " UTC"
    }
}
