import ExportCore
import ExportEngine

/// The calendar, and rows and bytes over time.
extension ReportPage {
    /// The calendar: one square per window, one line per month, year or day.
    var calendar: String {
        guard content.windows.count > 1 else { return "" }
        let most = max(1, content.windows.map(\.rows).max() ?? 1)
        let lines = content.windows.grouped(by: \.status.group).map {
            (name: $0.name, squares: $0.members.map { square($0, most) })
        }
        let drawn = lines.map { "<div class=\"line\"><span>\(Self.escaped($0.name))</span><div>\($0.squares.joined())</div></div>" }
        let legend = [
            ("proved l4", "proved: a darker colour means more rows"),
            ("proved late l2", "committed after later windows: exported again, or filled in"),
            ("proved lookback l2", "within lookback: the next run exports it again"), ("unsettled", "unsettled"),
            ("again", "due again"),
            ("proved render l2", "to be rewritten from stored rows"), ("missing", "missing"),
            ("unreadable", "damaged manifest"),
            ("newer", "written by a newer version"),
        ].map { "<li><i class=\"\($0.0)\"></i>\($0.1)</li>" }
        return section("Windows", "<div class=\"calendar\">\(drawn.joined())</div><ul class=\"legend\">\(legend.joined())</ul>")
    }

    private func square(_ window: ReportWindow, _ most: Int) -> String {
        let kind = window.status.kind
        let isProved = [.proved, .lookback, .render].contains(kind)
        var classes = isProved ? [WindowStatus.Kind.proved.rawValue] : []
        if kind != .proved { classes.append(kind.rawValue) }
        if isProved {
            // By the square root, so that small windows remain visible.
            let level = window.rows == 0 ? 0 : 1 + min(3, Int((Double(window.rows) / Double(most)).squareRoot() * 4))
            classes.append("l\(level)")
        }
        if window.isLate { classes.append("late") }
        var words = "\(window.key): \(isProved ? WindowStatus.Kind.proved.rawValue : kind.rawValue)"
        if window.manifest != nil { words += ", \(Figures.count(window.rows, "row")), \(Figures.bytes(window.bytes))" }
        if let look = window.status.lastLook { words += ", last compared on \(look.at) in a \(look.kind.rawValue) look" }
        if let reason = window.status.reason { words += ", \(reason)" }
        return "<i class=\"\(classes.joined(separator: " "))\"\(Self.told(words))></i>"
    }

    /// Attributes that make an element focusable and give it an accessible label.
    private static func told(_ words: String) -> String {
        " tabindex=\"0\" role=\"img\" aria-label=\"\(escaped(words))\""
    }

    var charts: String {
        guard content.windows.count > 1 else { return "" }
        return section(
            "Rows",
            chart {
                $0.rows
            } label: {
                "\($0)"
            })
            + section(
                "Bytes",
                chart {
                    $0.bytes
                } label: {
                    Figures.bytes($0)
                })
    }

    /// A chart with bars of equal width and the figures of both axes. If there are more windows than fit, neighbours share a bar.
    private func chart(_ value: (ReportWindow) -> Int, label: (Int) -> String) -> String {
        let most = 120
        let share = (content.windows.count + most - 1) / most
        let bars = stride(from: 0, to: content.windows.count, by: share).map { start in
            let group = content.windows[start..<min(start + share, content.windows.count)]
            return (first: group.first?.key ?? "", last: group.last?.key ?? "", value: group.map(value).clampedSum)
        }
        let top = max(1, bars.map(\.value).max() ?? 1)
        let shapes = bars.map { bar in
            let height = Self.short(100 * Double(bar.value) / Double(top))
            let span = bar.first == bar.last ? bar.first : "\(bar.first) to \(bar.last)"
            return "<b style=\"height:\(height)%\"\(Self.told("\(span): \(label(bar.value))"))></b>"
        }
        let figures = [top, top / 2, 0].uniqued.map { "<span>\(label($0))</span>" }
        // The first, the middle and the last, where there are so many.
        let places = [0, bars.count / 2, bars.count - 1].uniqued
        let keys = places.map { place in
            "<span>\(Self.escaped(place == bars.count - 1 ? bars[place].last : bars[place].first))</span>"
        }
        return (share > 1 ? "<p class=\"top\">\(share) windows per bar</p>" : "")
            + "<div class=\"chart\"><div class=\"figures\">\(figures.joined())</div><div class=\"bars\">\(shapes.joined())</div>"
            + "<p class=\"ends\">\(keys.joined())</p></div>"
    }

    private static func short(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    static let style = """
        :root { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --ground: #fff; --tile: #f6f8fa;
          --l0: #e6ebf1; --l1: #b6e3c2; --l2: #6cc58a; --l3: #2f9e5b; --l4: #116b3a;
          --unsettled: #d9822b; --again: #8a63d2; --missing: #fff; --unreadable: #cf222e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --ground: #0d1117; --tile: #151b23;
          --l0: #21262d; --l1: #0e4429; --l2: #1a7f42; --l3: #2ea653; --l4: #56d97f; --unsettled: #e09b3d; --again: #a98eea;
          --missing: #0d1117; --unreadable: #f85149; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; }
        h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
        h2 { margin: 0 0 .5rem; font-size: 1rem; }
        header p, .tiles p, .legend, .top, .ends, small { color: var(--soft); margin: 0; }
        header p { overflow-wrap: anywhere; }
        section { margin: 1.5rem 0; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; }
        .tiles div { background: var(--tile); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; }
        .tiles h2 { font-size: .85rem; font-weight: 400; color: var(--soft); margin: 0; }
        .tiles .value { color: var(--ink); font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        .notices { border-left: 4px solid var(--unsettled); padding: .25rem 0 .25rem 1.5rem; overflow-wrap: anywhere; }
        .well { border-left: 4px solid var(--l3); padding-left: .75rem; }
        .calendar { display: grid; grid-template-columns: fit-content(40%) 1fr; column-gap: .75rem; align-items: start; }
        .line { display: contents; }
        .line span { overflow-wrap: anywhere; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
        .line div { display: flex; flex-wrap: wrap; gap: 2px; padding: 3px 0; }
        i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; border: 1px solid transparent; }
        .l0 { background: var(--l0); } .l1 { background: var(--l1); } .l2 { background: var(--l2); } .l3 { background: var(--l3); }
        .l4 { background: var(--l4); } .unsettled { background: var(--unsettled); } .again { background: var(--again); }
        .missing { background: var(--missing); border: 1px dashed var(--soft); } .unreadable { background: var(--unreadable); }
        .newer { background: var(--soft); }
        .lookback { border-color: var(--l3); } .render { border-color: var(--again); }
        .late { border-color: var(--ink); }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .5rem 0 0; font-size: .8rem; }
        .legend i { margin-right: .35rem; vertical-align: -1px; }
        .chart { display: grid; grid-template-columns: auto 1fr; column-gap: .5rem; }
        .figures { display: flex; flex-direction: column; justify-content: space-between; text-align: right; color: var(--soft);
          font-size: .8rem; line-height: 1; font-variant-numeric: tabular-nums; }
        .bars { display: flex; align-items: flex-end; height: 7rem; min-width: 0; border: solid var(--line); border-width: 1px 0;
          background: linear-gradient(var(--line), var(--line)) 0 50% / 100% 1px no-repeat; }
        .bars b { flex: 1 1 0; min-width: 0; min-height: 1px; background: var(--l3); border-right: 1px solid var(--ground); }
        .ends { grid-column: 2; display: flex; justify-content: space-between; gap: .5rem; font-size: .8rem; }
        .ends span:last-child:not(:first-child) { text-align: right; } .top { font-size: .8rem; }
        [aria-label]:hover::after, [aria-label]:focus::after { content: attr(aria-label); position: fixed; z-index: 1;
          left: 50%; bottom: 1rem; transform: translateX(-50%); width: max-content; max-width: calc(100vw - 2rem); padding: .4rem .75rem;
          border-radius: 6px; background: var(--ink); color: var(--ground); font: 14px/1.4 system-ui, sans-serif; overflow-wrap: anywhere;
          pointer-events: none; }
        [aria-label]:focus { outline: 2px solid var(--ink); outline-offset: 1px; }
        table { border-collapse: collapse; width: 100%; font-size: .85rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
          overflow-wrap: anywhere; }
        td:first-child { white-space: nowrap; }
        .why { color: var(--soft); } th { color: var(--soft); font-weight: 400; overflow-wrap: normal; } .bad td { font-weight: 600; }
        @media screen and (max-width: 56rem) { table, tbody { display: block; } thead { display: none; }
          tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
          tr:has(+ .more) { border-bottom: 0; padding-bottom: 0; } .more { padding-top: 0; }
          td { border: 0; padding: 0; } td:first-child, .more td { flex: 1 1 100%; white-space: normal; } .more td:empty { display: none; }
          td[data-is]::before { content: attr(data-is) " "; color: var(--soft); font-weight: 400; } td:empty { display: none; } }
        summary { cursor: pointer; }
        @media print { body { max-width: none; } details > *:not(summary) { display: none; } i, b { print-color-adjust: exact; } }
        """
}

extension Sequence where Element: Equatable {
    /// Each once, where it comes first.
    fileprivate var uniqued: [Element] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
