import ExportCore
import ExportEngine
import Foundation

/// Turns what a run tells into lines.
struct RunReporter: Sendable {
    let console: Console
    let pipeline: String
    /// For the summary.
    let destination: String

    func report(_ event: RunEvent) {
        switch event {
        case .started(let due, let skipped):
            console.note("\(pipeline): \(Self.count(due, "window")) to export, \(skipped) committed already")
        case .committed(let manifest):
            let rows = manifest.proof.distinctIDs
            let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
            console.note(
                "  \(manifest.window.key)  \(manifest.status.rawValue)  \(Self.count(rows, "row"))  \(Self.bytes(bytes))"
                    + (manifest.proof.repaired > 0 ? "  \(Self.count(manifest.proof.repaired, "range")) repaired" : ""))
            for file in manifest.files {
                for (column, count) in (file.misfits ?? [:]).sorted(by: { $0.key < $1.key }) {
                    console.warn(
                        "window \(manifest.window.key), \(file.path): \(Self.count(count, "value")) did not fit the type of column "
                            + "\(Self.harmless(column)): see the rest, where the output has one")
                }
            }
        case .failed(let failure):
            console.warn("window \(failure.window): \(failure.reason)")
        case .newColumns(let window, let names):
            console.note(
                "  \(window)  new keys, columns from the next window on: \(names.map(Self.harmless).joined(separator: ", "))")
        }
    }

    func summarize(_ report: RunReport, took: Duration) {
        let summary = report.summary
        var parts = ["\(summary.committed) committed" + (summary.unsettled > 0 ? " (\(summary.unsettled) unsettled)" : "")]
        parts.append("\(summary.skipped) left alone")
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        let untried = summary.windows - summary.committed - summary.skipped - summary.failed
        if untried > 0 { parts.append("\(untried) not tried") }
        console.note("\(pipeline): \(Self.count(summary.windows, "window")): \(parts.joined(separator: ", "))")
        console.note(
            "  \(Self.count(summary.rows, "row")), \(Self.bytes(summary.bytes)) written to \(destination) in \(Self.seconds(took))")
        console.note(
            "  \(Self.count(summary.requests, "request")) (\(summary.retries) repeated, \(summary.throttled) throttled), "
                + "\(Self.bytes(summary.receivedBytes)) received")
        if summary.unsettled > 0 {
            console.warn("unsettled windows changed while they were exported; they are due again at the next run")
        }
    }

    /// A key as the service sent it, without what could rule a terminal or begin a line of its own.
    static func harmless(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `812 B`, `1.0 MB`; decimal units.
    static func bytes(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
    }

    static func seconds(_ duration: Duration) -> String {
        String(format: "%.1f s", duration / .seconds(1))
    }
}
