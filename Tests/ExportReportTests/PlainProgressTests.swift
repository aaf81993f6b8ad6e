import ExportCore
import ExportEngine
import ExportReport
import TestSupport
import Testing

@Suite struct PlainProgressTests {
    private func manifest(_ key: String, rows: Int = 10, isProved: Bool = true) -> Manifest {
        let start = Instant(seconds: 1_790_000_000)
        let window = Window(key: key, range: TimeRange(start: start, end: start.advanced(by: .seconds(60))), paths: [])
        return .sample(window, status: isProved ? .proved : .unsettled, rows: rows)
    }

    @Test("of a run of few windows each has a line at once")
    func few() {
        var progress = PlainProgress(pipeline: "p")
        #expect(
            progress.take(.started(due: 2, skipped: 1), at: .zero).map(\.text) == ["p: 2 windows to export, 1 committed already"])
        let lines = progress.take(.committed(manifest("2026-01")), at: .milliseconds(1))
        #expect(lines.map(\.text) == ["  2026-01  proved  10 rows  0 B"])
        #expect(lines.first?.fields == ["window": "2026-01", "status": "proved", "rows": "10", "bytes": "0"])
    }

    @Test("of a run of many windows those of two seconds share a line; what is out of the ordinary has its own, in order")
    func many() {
        var progress = PlainProgress(pipeline: "p")
        _ = progress.take(.started(due: 3000, skipped: 0), at: .zero)
        var lines: [String] = []
        for number in 0..<30 {
            let time = Duration.milliseconds(number * 100)
            lines += progress.take(.committed(manifest("w\(number)", isProved: number != 25)), at: time).map(\.text)
        }
        lines += progress.flush(at: .seconds(3)).map(\.text)
        #expect(
            lines == [
                "  w0 to w20  21 windows proved  210 rows  0 B", "  w21 to w24  4 windows proved  40 rows  0 B",
                "  w25  unsettled  10 rows  0 B", "  w26 to w29  4 windows proved  40 rows  0 B",
            ])
        #expect(progress.flush(at: .seconds(4)).isEmpty)
    }

    @Test("after half a minute of silence it says how far the run is, and what it waits for")
    func silence() {
        var (progress, gauge) = (PlainProgress(pipeline: "p"), RunGauge())
        _ = progress.take(.started(due: 1, skipped: 0), at: .zero)
        var (run, requests) = (RunSnapshot(), RunGauge.Requests())
        run.windows = 1
        gauge.take(run, requests, at: .zero)
        #expect(progress.tick(gauge, at: .seconds(29)).isEmpty)
        (run.rows, run.fraction, requests.sent, requests.pause) = (3000, 0.25, 60, .seconds(7))
        gauge.take(run, requests, at: .seconds(30))
        let line = "  0 of 1 window, 3000 rows, 2.0 requests/s, waiting 7 s: throttled by the service, 1 min 30 s left"
        #expect(progress.tick(gauge, at: .seconds(30)).map(\.text) == [line])
        #expect(progress.tick(gauge, at: .seconds(31)).isEmpty)
    }

    @Test(
        "spans have two units at most",
        arguments: [
            (0, "0 s"), (9, "9 s"), (60, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (3601, "1 h"), (273_600, "3 d 4 h"),
        ])
    func spans(seconds: Int, text: String) {
        #expect(Figures.span(.seconds(seconds)) == text)
    }
}
