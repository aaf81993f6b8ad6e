import ExportCore
import ExportReport
import Testing

/// What is told of a run that has ended, each figure by its value.
@Suite struct RunFiguresTests {
    /// No two figures are the same.
    private static let record: RunRecord = {
        var summary = RunSummary()
        (summary.windows, summary.skipped, summary.committed) = (40, 21, 17)
        (summary.unsettled, summary.failed) = (3, 2)
        (summary.looked, summary.differing, summary.looks) = (33, 6, ["counts": 25, "lean": 8])
        (summary.rows, summary.bytes, summary.receivedBytes) = (812, 1_048_576, 2_097_152)
        summary.tableRows = ["conversations": 812, "messages": 5020]
        (summary.requests, summary.retries, summary.throttled, summary.throttledSeconds) = (97, 5, 7, 12.5)
        return RunRecord(
            run: "r", pipeline: "support", version: "1", startedAt: Instant(seconds: 1000), endedAt: Instant(seconds: 1200),
            exitCode: 4, summary: summary)
    }()

    @Test("the metrics of a run are its figures, windows by what became of them")
    func metrics() {
        let text = PrometheusText()
        RunMetrics.record(Self.record, lastSuccess: 900, to: text)
        let samples = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            line.replacing("agentsight_export_", with: "").replacing("pipeline=\"support\"", with: "")
        }
        #expect(
            samples == [
                "last_run_bytes{} 1048576", "last_run_compared_windows{,look=\"counts\"} 25",
                "last_run_compared_windows{,look=\"full\"} 0", "last_run_compared_windows{,look=\"lean\"} 8",
                "last_run_differing_windows{} 6", "last_run_duration_seconds{} 200", "last_run_exit_code{} 4",
                "last_run_received_bytes{} 2097152", "last_run_requests{} 97", "last_run_retries{} 5", "last_run_rows{} 812",
                "last_run_table_rows{,table=\"conversations\"} 812", "last_run_table_rows{,table=\"messages\"} 5020",
                "last_run_throttled{} 7", "last_run_throttled_seconds{} 12.5", "last_run_timestamp_seconds{} 1200",
                "last_run_windows{,state=\"failed\"} 2", "last_run_windows{,state=\"left_alone\"} 21",
                "last_run_windows{,state=\"proved\"} 14", "last_run_windows{,state=\"rendered\"} 0",
                "last_run_windows{,state=\"unsettled\"} 3",
                "last_success_timestamp_seconds{} 900",
            ])
    }

    @Test("the metrics of a load are its figures, and metrics of others are kept if their values are numbers")
    func load() {
        let load = LoadRecord(
            pipeline: "sup\"port", system: "postgres", startedAt: Instant(seconds: 1000), endedAt: Instant(seconds: 1200),
            exitCode: 1,
            reason: "r", windows: ["loaded": 3, "failed": 2], rows: 812, replacedCharacters: 4)
        let text = PrometheusText()
        LoadMetrics.record(load, states: ["loaded", "failed", "pruned"], lastSuccess: 900, to: text)
        #expect(LoadMetrics.lastSuccess(in: text.text, pipeline: "sup\"port") == 900)
        let other = PrometheusText()
        let hostile = """
            agentsight_export_last_load_rows{pipeline="sup\\"port",state="x"} NaN
            agentsight_export_last_load_rows{pipeline="other"} 7
            agentsight_export_last_load_rowsy{pipeline="sup\\"port"} 7

            """
        other.keep(LoadMetrics.help.keys, of: "sup\"port", from: text.text + hostile)
        #expect(other.text == text.text)
        let samples = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.replacing("agentsight_export_last_load_", with: "").replacing(#"pipeline="sup\"port""#, with: "")
        }
        #expect(
            samples == [
                "duration_seconds{} 200", "exit_code{} 1", "replaced_characters{} 4", "rows{} 812",
                "success_timestamp_seconds{} 900",
                "timestamp_seconds{} 1200", "windows{,state=\"failed\"} 2", "windows{,state=\"loaded\"} 3",
                "windows{,state=\"pruned\"} 0",
            ])
    }

    @Test("the last success is this run where it ended well, and 0 where none ever did")
    func success() {
        var well = Self.record
        well.exitCode = 0
        for (record, earlier, told) in [(well, 900.0, 1200.0), (well, nil, 1200), (Self.record, nil, 0)] {
            let text = PrometheusText()
            RunMetrics.record(record, lastSuccess: earlier, to: text)
            #expect(RunMetrics.lastSuccess(in: text.text, pipeline: "support") == told)
        }
    }

    @Test("a notice says how a run ended, and its figures")
    func notice() {
        let words = [
            0: "done", 4: "finished, but some windows are unsettled", 75: "temporary failure, try again later", 130: "interrupted",
            143: "interrupted",
            1: "failed", 3: "failed",
        ]
        for (code, end) in words {
            var record = Self.record
            record.exitCode = code
            #expect(
                RunNotification(record).text
                    == "support: \(end) (exit code \(code)): 17 windows committed, 3 of them unsettled, 33 compared with the service, 6 different, 2 failed, "
                    + "812 conversations, 5020 messages, 1.0 MB, in 3 min 20 s")
        }
    }

    @Test(
        "rows are those of each table that was written, and of conversations where there is no other",
        arguments: [
            (nil, "812 rows", "812"),
            (["conversations": 812], "812 rows", "812"),
            (
                ["messages": 5020, "conversations": 812, "action_logs": 1], "812 conversations, 5020 messages, 1 action log",
                "812 conversations, 5020 messages, 1 action log"
            ),
            (
                ["feedbacks": 0, "attachments": 3], "0 feedbacks, 3 attachments of 812 conversations",
                "0 feedbacks, 3 attachments of 812 conversations"
            ),
        ] as [([String: Int]?, String, String)])
    func tables(rows: [String: Int]?, text: String, cell: String) {
        var summary = Self.record.summary
        summary.tableRows = rows
        #expect(Figures.rows(of: summary) == text && Figures.rowsCell(of: summary) == cell)
    }

    @Test(
        "sizes are in decimal units, with one digit behind the point",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (53_950, "54.0 kB"), (999_499, "999.5 kB"), (999_500, "1.0 MB"),
            (1_234_567_890, "1.2 GB"), (7_000_000_000_000_000, "7000.0 TB"),
        ])
    func sizes(bytes: Int, text: String) {
        #expect(Figures.bytes(bytes) == text)
    }

    @Test(
        "rates have a digit behind the point below a hundred",
        arguments: [(0.44, "0.4"), (99.94, "99.9"), (99.96, "100"), (8120.4, "8120")])
    func rates(value: Double, text: String) {
        #expect(Figures.rate(value) == text)
    }
}
