import ExportCore
import ExportEngine

/// The lines that show a run in progress on a terminal: the same number for any width, and none wider.
public struct LiveText: Sendable {
    /// The capabilities of a terminal.
    public struct Style: Sendable {
        /// Whether bold and dim are used. Colours are not, because they would have to match the background.
        public var usesBold: Bool
        /// Whether more than ASCII is shown.
        public var usesUnicode: Bool

        /// Creates a style.
        public init(usesBold: Bool, usesUnicode: Bool) {
            self.usesBold = usesBold
            self.usesUnicode = usesUnicode
        }
    }

    private let pipeline: String
    private let style: Style

    /// Creates the live display of a pipeline's run.
    public init(pipeline: String, style: Style) {
        self.pipeline = pipeline
        self.style = style
    }

    /// A piece of a line. If the terminal is too narrow, the least important pieces are left out.
    private struct Piece {
        let text: String
        /// The rank of a piece: if the line is too long, the highest rank is left out first. 0 always stays.
        let rank: Int
        var isBold = false
        /// In columns of a terminal.
        var width: Int { TerminalWidth.of(text) }
    }

    /// Three lines.
    /// - Parameter width: The width of the terminal in columns.
    public func lines(_ gauge: RunGauge, width: Int) -> [String] {
        // A full last column wraps on some terminals.
        let width = max(20, width - 1)
        return [first(gauge, width), fitted(second(gauge), width), fitted(third(gauge), width)]
    }

    private func first(_ gauge: RunGauge, _ width: Int) -> String {
        let run = gauge.snapshot
        let percent = "\(Int(run.fraction * 100)) %"
        let windows =
            "\(run.compared ?? run.committed + run.failed) of \(Figures.count(run.windows, "window"))"
            + (run.compared == nil ? "" : " compared")
        var pieces = [Piece(text: cut(pipeline, to: max(8, width / 3)), rank: 1, isBold: true), Piece(text: windows, rank: 0)]
        pieces.append(Piece(text: percent, rank: 0))
        if let left = gauge.timeLeft { pieces.append(Piece(text: "\(Figures.span(left)) left", rank: 2)) }
        let used = pieces.map(\.width).reduce(0, +) + 2 * pieces.count
        let room = min(width - used, 40)
        if room >= 8 { pieces.insert(Piece(text: bar(run.fraction, room), rank: 3), at: 2) }
        return fitted(pieces, width)
    }

    private func second(_ gauge: RunGauge) -> [Piece] {
        let (run, requests) = (gauge.snapshot, gauge.requests)
        var pieces = [Piece(text: "  \(Figures.count(run.rows, "row"))", rank: 0)]
        if let rate = gauge.rowsPerSecond { pieces.append(Piece(text: "\(Figures.rate(rate)) rows/s", rank: 2)) }
        pieces.append(Piece(text: "\(Figures.bytes(run.bytes)) written", rank: 3))
        if let rate = gauge.requestsPerSecond {
            let allowed = requests.allowed.map { " of \(Figures.rate($0))" } ?? ""
            pieces.append(Piece(text: "\(Figures.rate(rate))\(allowed) requests/s", rank: 1))
        }
        return pieces
    }

    private func third(_ gauge: RunGauge) -> [Piece] {
        let (run, requests) = (gauge.snapshot, gauge.requests)
        var pieces: [Piece] = []
        if let pause = requests.pause {
            pieces.append(
                Piece(text: "waiting \(Figures.span(max(pause, .seconds(1)))): throttled by the service", rank: 0, isBold: true))
        }
        if run.failed > 0 { pieces.append(Piece(text: "\(run.failed) failed", rank: 1, isBold: true)) }
        if run.unsettled > 0 { pieces.append(Piece(text: "\(run.unsettled) unsettled", rank: 2)) }
        if requests.repeated > 0 {
            let reason = requests.trouble.map { ": \(cut($0.shown(), to: 40))" } ?? ""
            pieces.append(Piece(text: "\(requests.repeated) repeated\(reason)", rank: 3))
        }
        if requests.throttled > 0 { pieces.append(Piece(text: "\(requests.throttled) throttled", rank: 4)) }
        if let limit = requests.limit { pieces.append(Piece(text: "limit: \(limit)", rank: 4)) }
        if let first = run.firstUnderWay, let last = run.lastUnderWay {
            pieces.append(Piece(text: first == last ? "at \(first)" : "at \(first) to \(last)", rank: 5))
        }
        if let piece = pieces.first { pieces[0] = Piece(text: "  \(piece.text)", rank: piece.rank, isBold: piece.isBold) }
        return pieces
    }

    private func bar(_ fraction: Double, _ width: Int) -> String {
        let full = min(width, max(0, Int(fraction * Double(width))))
        let (done, open) = style.usesUnicode ? ("━", "╌") : ("#", "-")
        return String(repeating: done, count: full) + String(repeating: open, count: width - full)
    }

    /// Joins pieces into a line with two spaces between them. The least important ones are left out until it fits.
    private func fitted(_ pieces: [Piece], _ width: Int) -> String {
        var pieces = pieces
        func used() -> Int { pieces.map(\.width).reduce(0, +) + 2 * max(0, pieces.count - 1) }
        while used() > width, let least = pieces.map(\.rank).max(), least > 0 { pieces.removeAll { $0.rank == least } }
        // A single piece that is too wide is cut, and loses its style.
        guard used() <= width else { return cut(pieces.map(\.text).joined(separator: "  "), to: width) }
        return pieces.map { $0.isBold && style.usesBold ? "\u{1B}[1m\($0.text)\u{1B}[0m" : $0.text }.joined(separator: "  ")
    }

    private func cut(_ text: String, to width: Int) -> String {
        guard TerminalWidth.of(text) > width else { return text }
        let end = style.usesUnicode ? "…" : ".."
        return TerminalWidth.prefix(of: text, upTo: width - end.count) + end
    }
}
