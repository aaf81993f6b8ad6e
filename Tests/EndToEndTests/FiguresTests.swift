import ExportReport
import Foundation
import SampleAPI
import Synchronization
import Testing

/// What is told of a run is what happened.
@Suite struct FiguresTests {
    private static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-23, to: 2026-03-27, every: day }
        fetch: { page_size: 25, concurrency: 2 }
        destination: out
        outputs: [{ path: "{date}.ndjson.gz" }, { format: csv, path: "{date}.csv", compression: none, columns: [id] }]
        """

    @Test("each figure of a run is what the service saw and the files hold: in its record, its last lines, and the page")
    func figures() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([2: .status(503), 6: .throttle(retryAfter: "1")])
        // Two responses take their time: the slow ones are told apart from the half.
        let answers = Mutex(0)
        configuration.holdListResponse = {
            let number = answers.withLock { number in
                number += 1
                return number
            }
            if [3, 14].contains(number) { try await Task.sleep(for: .milliseconds(2500)) }
        }
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", "-v", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let seen = service.statistics
                let files = try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") }
                // Of a CSV of ids a line each, and one for their name.
                let rows = files.filter { $0.key.hasSuffix(".csv") }.values.reduce(0) { $0 + $1.count { $0 == 0x0A } - 1 }
                let bytes = files.values.reduce(0) { $0 + $1.count }
                #expect(seen.faults == 2 && rows == 126)

                let record = try #require(folder.files(below: "out/_agentsight/runs").values.first)
                let object = try #require(try JSONSerialization.jsonObject(with: record) as? [String: Any])
                let summary = try #require(object["summary"] as? [String: Any])
                let expected = [
                    "windows": 4, "skipped": 0, "committed": 4, "unsettled": 0, "failed": 0, "rows": rows, "bytes": bytes,
                    "requests": seen.requests, "throttled": 1, "retries": 1,
                ]
                for (name, value) in expected { #expect(summary[name] as? Int == value, "\(name): \(outcome.testDescription)") }
                let latency = try #require(summary["latency"] as? [String: Int])
                let (median, p95) = (try #require(latency["p50_ms"]), try #require(latency["p95_ms"]))
                #expect(median < 2048 && p95 > 2500, "\(latency)")
                let received = try #require(summary["received_bytes"] as? Int)
                #expect(received > bytes / 2)

                let lines = outcome.errors.split(separator: "\n").map(String.init)
                #expect(lines.contains("days: 4 windows: 4 committed, 0 left alone"), "\(outcome.testDescription)")
                #expect(lines.contains { $0.hasPrefix("  \(rows) rows, \(Figures.bytes(bytes)) written to out in ") })
                #expect(
                    lines.contains {
                        $0.hasPrefix(
                            "  \(seen.requests) requests (1 repeated, 1 throttled), \(Figures.bytes(received))")
                    }, "\(outcome.testDescription)")

                let page = try await Command.run("report", "p.yml", "-o", "-", in: folder)
                let runs = try #require(page.output.firstRange(of: "response time (median / p95)")).upperBound
                let row = try #require(page.output[runs...].firstMatch(of: #/<tr><td>20.*?<\/tr>/#)).output
                let cells = row.matches(of: #/<td[^>]*>([^<]*)</#).map { String($0.1) }
                try #require(cells.count == 12, "\(cells)")
                #expect(
                    Array(cells[2...10]) == [
                        "0", "4", "0", "0", "\(rows)", "\(seen.requests)", "\(median) / \(p95) ms", "1", "1",
                    ])
                let waited = try #require(summary["throttled_seconds"] as? Double)
                #expect(waited >= 1 && cells[11] == Figures.span(.seconds(waited)))
            }
        }
    }
}
