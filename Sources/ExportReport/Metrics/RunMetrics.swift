public import CoreMetrics
public import ExportCore
import Foundation

/// Metrics of the last run of a pipeline for monitoring, in the form of swift-metrics.
public enum RunMetrics {
    private static let prefix = "agentsight_export_"

    /// The help text of each metric, by its name.
    public static let help: [String: String] = Dictionary(
        uniqueKeysWithValues: [
            ("last_run_timestamp_seconds", "Unix time at which the last run ended."),
            ("last_success_timestamp_seconds", "Unix time at which the last run with exit code 0 ended; 0 if there was none."),
            ("last_run_exit_code", "Exit code of the last run; 0 is success."),
            ("last_run_duration_seconds", "Duration of the last run."),
            ("last_run_windows", "Windows of the last run, by state."),
            ("last_run_compared_windows", "Committed windows that the last run compared with the service, by the kind of look."),
            ("last_run_differing_windows", "Compared windows that differed from the service in the last run."),
            ("last_run_rows", "Conversations that the last run wrote."),
            ("last_run_table_rows", "Rows that the last run wrote, by table."),
            ("last_run_bytes", "Bytes of the files that the last run wrote."),
            ("last_run_requests", "Requests that the last run sent, including retries."),
            ("last_run_retries", "Requests that the last run retried after a failure."),
            ("last_run_throttled", "Responses with status 429 in the last run."),
            ("last_run_throttled_seconds", "Time for which the service asked the last run to wait."),
            ("last_run_received_bytes", "Bytes that the last run received."),
        ].map { (prefix + $0.0, $0.1) })

    /// Records a run that has ended.
    /// - Parameter lastSuccess: When an earlier run last succeeded, in seconds since 1970. `nil` if none did.
    public static func record(_ run: RunRecord, lastSuccess: Double?, to factory: any MetricsFactory) {
        let summary = run.summary
        func gauge(_ name: String, _ value: Double, _ dimensions: (String, String)...) {
            Gauge(label: prefix + name, dimensions: [("pipeline", run.pipeline)] + dimensions, factory: factory).record(value)
        }
        gauge("last_run_timestamp_seconds", seconds(run.endedAt))
        // A missing sample triggers no alert, so there is one even for a pipeline whose first run fails.
        gauge("last_success_timestamp_seconds", run.exitCode == 0 ? seconds(run.endedAt) : lastSuccess ?? 0)
        gauge("last_run_exit_code", Double(run.exitCode))
        gauge("last_run_duration_seconds", run.endedAt.duration(since: run.startedAt) / .seconds(1))
        let rendered = summary.rendered ?? 0
        let proved = summary.committed - summary.unsettled - rendered
        let states = [
            ("proved", proved), ("unsettled", summary.unsettled), ("rendered", rendered), ("failed", summary.failed),
            ("left_alone", summary.skipped),
        ]
        for (state, count) in states { gauge("last_run_windows", Double(count), ("state", state)) }
        for kind in LookKind.allCases {
            gauge("last_run_compared_windows", Double(summary.looks?[kind.rawValue] ?? 0), ("look", kind.rawValue))
        }
        gauge("last_run_differing_windows", Double(summary.differing ?? 0))
        gauge("last_run_rows", Double(summary.rows))
        for (table, rows) in summary.tableRows ?? [:] { gauge("last_run_table_rows", Double(rows), ("table", table)) }
        gauge("last_run_bytes", Double(summary.bytes))
        gauge("last_run_requests", Double(summary.requests))
        gauge("last_run_retries", Double(summary.retries))
        gauge("last_run_throttled", Double(summary.throttled))
        gauge("last_run_throttled_seconds", summary.throttledSeconds ?? 0)
        gauge("last_run_received_bytes", Double(summary.receivedBytes))
    }

    /// When a run of the pipeline last succeeded, by the metrics file of an earlier one. `nil` if it does not say.
    public static func lastSuccess(in text: String, pipeline: String) -> Double? {
        value(of: "\(prefix)last_success_timestamp_seconds", in: text, pipeline: pipeline)
    }

    /// The value of a metric that has no other label than the pipeline.
    static func value(of name: String, in text: String, pipeline: String) -> Double? {
        let start = "\(name){pipeline=\"\(PrometheusText.escaped(pipeline))\"} "
        return text.splitExactly(at: "\n").lazy.compactMap { $0.tail(afterExactly: start) }.first.flatMap { Double($0) }.flatMap {
            $0.isFinite ? $0 : nil
        }
    }

    /// The pipeline of the run in a metrics file. `nil` if there is none, or more than one.
    public static func pipeline(in text: String) -> String? {
        let start = "\(prefix)last_run_exit_code{pipeline=\""
        let labels = text.splitExactly(at: "\n").compactMap { line in
            // A value has no quote in it.
            line.tail(afterExactly: start).flatMap { $0.unicodeScalars.lastIndex(of: "\"").map($0.prefix(upTo:)) }
        }
        return labels.count == 1 ? labels.first.map { PrometheusText.unescaped($0) } : nil
    }

    static func seconds(_ instant: Instant) -> Double { Double(instant.microseconds) / 1e6 }
}
