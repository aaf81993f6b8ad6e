import ExportCore
public import ExportEngine

/// The progress of a run in lines, at a pace that suits a log.
///
/// A value without a clock: times are relative to the start of the run. In a run of few windows, each has a line. In a run of many, those
/// that were committed since the last line share one. After a long time without a line, the progress is shown.
public struct PlainProgress: Sendable {
    private let pipeline: String
    private var isMany = false
    private var waiting: [Manifest] = []
    private var lastLine = Duration.zero

    /// The maximum number of windows that have a line each.
    static let fewWindows = 50
    /// The time from one line of many windows to the next.
    static let pace = Duration.seconds(2)
    static let maximumSilence = Duration.seconds(30)

    /// Creates the progress of a pipeline's run.
    public init(pipeline: String) {
        self.pipeline = pipeline
    }

    public mutating func take(_ event: RunEvent, at time: Duration) -> [RunLine] {
        if case .started(let due, _) = event { isMany = due > Self.fewWindows }
        if case .committed(let manifest) = event, isMany, isOrdinary(manifest) {
            waiting.append(manifest)
            return time - lastLine >= Self.pace ? flush(at: time) : []
        }
        let lines = RunLine.lines(of: event, pipeline: pipeline)
        return lines.isEmpty ? [] : flush(at: time) + lines
    }

    /// Asked for again and again.
    public mutating func tick(_ gauge: RunGauge, at time: Duration) -> [RunLine] {
        if !waiting.isEmpty, time - lastLine >= Self.pace { return flush(at: time) }
        guard time - lastLine >= Self.maximumSilence else { return [] }
        lastLine = time
        let compared = gauge.snapshot.compared
        var parts = compared == nil ? [Figures.count(gauge.snapshot.rows, "row")] : []
        if let rate = gauge.requestsPerSecond { parts.append("\(Figures.rate(rate)) requests/s") }
        if let pause = gauge.requests.pause { parts.append("waiting \(Figures.span(pause)): throttled by the service") }
        if let limit = gauge.requests.limit { parts.append("limit: \(limit)") }
        if let left = gauge.timeLeft { parts.append("\(Figures.span(left)) left") }
        let windows = "\(compared ?? gauge.snapshot.committed) of \(Figures.count(gauge.snapshot.windows, "window"))"
        return [RunLine(.note, "  " + ([windows + (compared == nil ? "" : " compared")] + parts).joined(separator: ", "))]
    }

    /// Returns the lines that have not been shown yet.
    public mutating func flush(at time: Duration) -> [RunLine] {
        defer { waiting = [] }
        lastLine = time
        guard let first = waiting.first, let last = waiting.last else { return [] }
        guard waiting.count > 1 else { return RunLine.lines(of: .committed(first), pipeline: pipeline) }
        let rows = waiting.reduce(0) { $0 + $1.proof.distinctIDs }
        let tables = waiting.reduce(into: [:]) { $0.add(rows: $1.tableRows) }
        let bytes = waiting.reduce(0) { $0 + $1.bytes }
        return [
            RunLine(
                .note,
                "  \(first.window.key) to \(last.window.key)  \(Figures.count(waiting.count, "window")) proved  "
                    + "\(Figures.rows(rows, tables))  \(Figures.bytes(bytes))",
                ["windows": String(waiting.count), "rows": String(rows), "bytes": String(bytes)])
        ]
    }

    private func isOrdinary(_ manifest: Manifest) -> Bool {
        manifest.status == .proved && manifest.proof.repaired == 0
            && manifest.files.allSatisfy { $0.misfits == nil && $0.cut == nil }
    }
}
