import Foundation
import SampleAPI
import Testing

/// The page that shows an export says what its manifests say, and needs nothing but itself.
@Suite struct ReportTests {
    private static let pipeline = """
        version: 1
        name: "days"
        window: { from: 2026-03-23, to: 2026-04-09, every: day }
        destination: out
        outputs: [{ format: csv, path: "{date}.csv.gz" }]
        """

    @Test(
        "a square for each window as it stands, the figures of the manifests, the runs; no script, no network, nothing of the rows")
    func page() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", "--to", "2026-04-06", in: folder, endpoint: endpoint).status == 0)
                try folder.remove("out/_agentsight/windows/2026-03-25.json")
                let again = try await Command.run(
                    "run", "p.yml", "--from", "2026-03-25", "--to", "2026-03-26", in: folder, endpoint: endpoint)
                #expect(again.status == 0)
                try folder.remove("out/_agentsight/windows/2026-04-01.json")
                try folder.write("{}", to: "out/_agentsight/windows/2026-04-02.json")
                let outcome = try await Command.run("report", "p.yml", in: folder)
                #expect(outcome.status == 0 && outcome.output.hasPrefix("report.html: "), "\(outcome.testDescription)")
                let html = String(decoding: try folder.read("report.html"), as: UTF8.self)
                let squares = html.matches(of: #/<i class="([a-z0-9 ]+)" tabindex="0" role="img" aria-label="([^"]*)">/#).map {
                    (String($0.1), String($0.2))
                }
                #expect(squares.count == 17)
                #expect(
                    squares.filter { $0.0.hasPrefix("missing") }.map { String($0.1.prefix(10)) } == ["2026-04-01"] + [
                        "2026-04-06", "2026-04-07", "2026-04-08",
                    ])
                #expect(squares.filter { $0.0 == "unreadable" }.count == 1)
                #expect(squares.filter { $0.0.hasSuffix("late") }.map { String($0.1.prefix(10)) } == ["2026-03-25"])
                var rows = 0
                for (path, content) in try folder.files(below: "out/_agentsight/windows") where path != "2026-04-02.json" {
                    let manifest = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
                    let found = try #require((manifest["proof"] as? [String: Any])?["distinct_ids"] as? Int)
                    rows += found
                    #expect(squares.contains { $0.1.hasPrefix("\(path.dropLast(5)): proved, \(found) row") }, "\(path)")
                    let file = try #require((manifest["files"] as? [[String: Any]])?.first?["sha256"] as? String)
                    #expect(html.contains("sha256 \(file)"))
                }
                #expect(html.contains("<p class=\"value\">\(rows)</p>"))
                #expect(html.matches(of: #/<tr[^>]*><td>20\d\d-/#).count >= 2)
                for word in ["<script", "http://", "https://", "@import", "url("] { #expect(!html.contains(word), "\(word)") }
                #expect(!html.contains(Sample.key))

                let status = try await Command.run("status", "p.yml", in: folder).output
                #expect(status.contains("2026-03  #########\n  2026-04  .!###...\n  # proved  . missing  ! damaged"), "\(status)")
                // What others put there rules no browser, and a damaged list of columns hides nothing else.
                try folder.write("{}", to: "out/_agentsight/windows/<p title='T' onmouseover=x .json")
                // A mark behind the quote hides it from no browser.
                try folder.write("{}", to: "out/_agentsight/windows/\"\u{301} onmouseover=x.json")
                try folder.write("{", to: "out/_agentsight/columns.json")
                let hostile = try await Command.run("report", "out", "-o", "-", in: folder)
                #expect(hostile.status == 0 && !hostile.output.contains("<p title='") && !hostile.output.contains("title='T'"))
                #expect(hostile.output.utf8.firstRange(of: "\"\u{301} onmouseover".utf8) == nil)
                #expect(hostile.output.utf8.firstRange(of: "&quot;\u{301} onmouseover=x".utf8) != nil)
                #expect(hostile.output.contains("columns.json cannot be read"))
                #expect(try await Command.run("status", "out", in: folder).status == 0)
                try folder.remove("out/_agentsight/windows/<p title='T' onmouseover=x .json")
                let piped = try await Command.run("report", "out", "-o", "-", in: folder)
                #expect(piped.output.hasPrefix("<!DOCTYPE html>") && piped.output.contains("gap"))
                #expect(try await Command.run("report", "p.yml", "-o", "no/such/r.html", in: folder).status == 2)
                // Not even one record that can be read.
                let records = try folder.files(below: "out/_agentsight/runs").keys
                for name in records { try folder.write("{", to: "out/_agentsight/runs/\(name)") }
                let unread = try await Command.run("report", "out", "-o", "-", in: folder)
                #expect(unread.output.contains("<p>\(records.count) records cannot be read.</p>"))
            }
        }
    }

    @Test("axes have figures, and every bar and square says what it is when it is pointed at, touched or reached by the keyboard")
    func figures() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let html = try await Command.run("report", "p.yml", "-o", "-", in: folder).output
                let rows = html.matches(of: #/aria-label="2026-0\d-\d\d: proved, (\d+) rows?, /#).compactMap { Int($0.output.1) }
                #expect(rows.count == 17)
                let top = try #require(rows.max())
                let axis = "<div class=\"figures\"><span>\(top)</span><span>\(top / 2)</span><span>0</span></div>"
                #expect(html.contains(axis), "the axis of rows")
                #expect(
                    html.contains(
                        "<p class=\"ends\"><span>2026-03-23</span><span>2026-03-31</span><span>2026-04-08</span></p>"))
                let bars = html.matches(of: #/<b style="height:([0-9.]+)%" tabindex="0" role="img" aria-label="([^"]*)">/#)
                #expect(bars.count == 34 && bars.contains { $0.output.1 == "100" && $0.output.2.hasSuffix(": \(top)") })
                // What shows the words, and needs no script.
                #expect(html.contains("[aria-label]:hover::after, [aria-label]:focus::after { content: attr(aria-label);"))
                // No table is wider than the page: below each other, cells name their column.
                #expect(html.contains("<td data-is=\"exit code\">0</td>") && !html.contains("overflow-x"))
            }
        }
    }
}
