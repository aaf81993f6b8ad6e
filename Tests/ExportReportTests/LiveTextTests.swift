import ExportEngine
import ExportReport
import Testing

@Suite struct LiveTextTests {
    private func gauge(_ change: (inout RunSnapshot, inout RunGauge.Requests) -> Void = { _, _ in }) -> RunGauge {
        var gauge = RunGauge()
        var (run, requests) = (RunSnapshot(), RunGauge.Requests())
        (run.windows, requests.allowed) = (730, 15)
        gauge.take(run, requests, at: .zero)
        (run.committed, run.rows, run.bytes, run.fraction) = (411, 81_200, 1_200_000_000, 0.5634)
        (run.firstUnderWay, run.lastUnderWay) = ("2025-03-04", "2025-03-06")
        requests.sent = 149
        change(&run, &requests)
        gauge.take(run, requests, at: .seconds(10))
        return gauge
    }

    private let text = LiveText(pipeline: "support-nightly", style: .init(usesBold: false, usesUnicode: true))

    @Test("three lines in any width, with less in a narrower one, and none wider")
    func widths() {
        #expect(
            text.lines(gauge(), width: 200) == [
                "support-nightly  411 of 730 windows  ━━━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  56 %  8 s left",
                "  81200 rows  8120 rows/s  1.2 GB written  14.9 of 15.0 requests/s",
                "  at 2025-03-04 to 2025-03-06",
            ])
        #expect(
            text.lines(gauge(), width: 70) == [
                "support-nightly  411 of 730 windows  ━━━━━━━━━╌╌╌╌╌╌╌  56 %  8 s left",
                "  81200 rows  8120 rows/s  1.2 GB written  14.9 of 15.0 requests/s",
                "  at 2025-03-04 to 2025-03-06",
            ])
        #expect(
            text.lines(gauge(), width: 40) == [
                "support-nigh…  411 of 730 windows  56 %", "  81200 rows  14.9 of 15.0 requests/s", "  at 2025-03-04 to 2025-03-06",
            ])
        for width in 1...250 {
            let lines = text.lines(gauge(), width: width)
            #expect(lines.count == 3)
            #expect(lines.allSatisfy { $0.count <= max(20, width - 1) }, "\(width): \(lines)")
        }
    }

    @Test("wide characters in the words of a service take two columns, and no line is wider than the terminal")
    func wide() {
        let gauge = gauge { _, requests in
            (requests.repeated, requests.trouble) = (3, String(repeating: "漢", count: 60))
        }
        for width in 20...160 {
            let lines = text.lines(gauge, width: width)
            #expect(lines.allSatisfy { TerminalWidth.of($0) <= max(20, width - 1) }, "\(width): \(lines)")
        }
        #expect(text.lines(gauge, width: 160)[2].filter { $0 == "漢" }.count == 19)
    }

    @Test("while windows are compared with the service, it says how many were")
    func comparing() {
        let gauge = gauge { run, _ in (run.compared, run.fraction) = (365, 0.5) }
        #expect(text.lines(gauge, width: 200)[0].contains("365 of 730 windows compared"))
        #expect(text.lines(gauge, width: 200)[0].contains("50 %"))
        var plain = PlainProgress(pipeline: "p")
        #expect(plain.tick(gauge, at: .seconds(40)).map(\.text) == ["  365 of 730 windows compared, 14.9 requests/s, 10 s left"])
    }

    @Test("what is in the way is said first: a pause and its reason, failures, repeats with the reason of the last")
    func trouble() {
        let gauge = gauge { run, requests in
            (run.failed, run.unsettled) = (2, 1)
            (requests.repeated, requests.throttled, requests.pause) = (3, 5, .seconds(11))
            requests.trouble = "the service answered with status 503"
        }
        #expect(
            text.lines(gauge, width: 200)[2]
                == "  waiting 11 s: throttled by the service  2 failed  1 unsettled  "
                + "3 repeated: the service answered with status 503  5 throttled  at 2025-03-04 to 2025-03-06")
        #expect(text.lines(gauge, width: 65)[2] == "  waiting 11 s: throttled by the service  2 failed  1 unsettled")
    }

    @Test("weights where the terminal has them, ASCII where it knows no more")
    func styles() {
        let bold = LiveText(pipeline: "p", style: .init(usesBold: true, usesUnicode: false)).lines(gauge(), width: 60)[0]
        #expect(bold == "\u{1B}[1mp\u{1B}[0m  411 of 730 windows  ###########---------  56 %  8 s left")
    }

    @Test("rates are those of the last ten seconds, the time to go is that of the last minute, and neither is told too early")
    func rates() {
        var gauge = RunGauge()
        var (run, requests) = (RunSnapshot(), RunGauge.Requests())
        #expect(gauge.rowsPerSecond == nil && gauge.timeLeft == nil)
        for second in 0...120 {
            // A hundred rows a second, and from the hundredth second on a thousand.
            run.rows = second <= 100 ? second * 100 : 10_000 + (second - 100) * 1000
            run.fraction = Double(second) / 240
            requests.sent = second * 4
            gauge.take(run, requests, at: .seconds(second))
            if second == 1 { #expect(gauge.timeLeft == nil) }
            if second == 100 { #expect(gauge.rowsPerSecond == 100) }
        }
        #expect(gauge.rowsPerSecond == 1000)
        #expect(gauge.requestsPerSecond == 4)
        #expect(gauge.timeLeft.map { abs($0 / .seconds(1) - 120) < 0.001 } == true)
    }
}
