public import CoreMetrics
public import ExportCore

/// Metrics of the last load of a pipeline for monitoring, in the form of swift-metrics.
public enum LoadMetrics {
    private static let prefix = "agentsight_export_last_load_"

    /// The help text of each metric, by its name.
    public static let help: [String: String] = Dictionary(
        uniqueKeysWithValues: [
            ("timestamp_seconds", "Unix time at which the last load ended."),
            ("success_timestamp_seconds", "Unix time at which the last load with exit code 0 ended; 0 if there was none."),
            ("exit_code", "Exit code of the last load; 0 is success."),
            ("duration_seconds", "Duration of the last load."),
            ("windows", "Windows of the last load, by state."),
            ("rows", "Rows that the last load wrote into the warehouse."),
            ("replaced_characters", "Characters that the warehouse cannot store, which the last load replaced."),
        ].map { (prefix + $0.0, $0.1) })

    /// Records a load that has ended.
    /// - Parameters:
    ///   - states: All possible states of windows.
    ///   - lastSuccess: When an earlier load last succeeded, in seconds since 1970. `nil` if none did.
    public static func record(_ load: LoadRecord, states: [String], lastSuccess: Double?, to factory: any MetricsFactory) {
        func gauge(_ name: String, _ value: Double, _ dimensions: (String, String)...) {
            Gauge(label: prefix + name, dimensions: [("pipeline", load.pipeline)] + dimensions, factory: factory).record(value)
        }
        gauge("timestamp_seconds", RunMetrics.seconds(load.endedAt))
        gauge("success_timestamp_seconds", load.exitCode == 0 ? RunMetrics.seconds(load.endedAt) : lastSuccess ?? 0)
        gauge("exit_code", Double(load.exitCode))
        gauge("duration_seconds", load.endedAt.duration(since: load.startedAt) / .seconds(1))
        for state in states { gauge("windows", Double(load.windows[state] ?? 0), ("state", state)) }
        gauge("rows", Double(load.rows))
        gauge("replaced_characters", Double(load.replacedCharacters))
    }

    /// When a load of the pipeline last succeeded, by the metrics file of an earlier one. `nil` if it does not say.
    public static func lastSuccess(in text: String, pipeline: String) -> Double? {
        RunMetrics.value(of: "\(prefix)success_timestamp_seconds", in: text, pipeline: pipeline)
    }
}
