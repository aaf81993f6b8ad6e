import ArgumentParser
import ExportCore
import ExportFormats
import FoundationEssentials

/// Works on rows that are in memory already, so that a library can be measured apart from network and disk.
@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmark", abstract: "Scans pages, writes CSV, makes digests, or does all of an export but network and disk; prints the MB/s of JSON.")

    enum Work: String, ExpressibleByArgument, CaseIterable {
        case scan, csv, digests, export
    }

    @Argument(help: "scan, csv, digests or export.")
    var work: Work

    @Argument(help: "Rows, one JSON object a line.")
    var rows: String

    @Option(help: "How often; an instruction counter wants a fixed number.")
    var rounds = 1

    func run() throws {
        let content = Array(try Data(contentsOf: URL(filePath: rows)))
        let measured: Duration
        switch work {
        case .scan: measured = try scan(pages(of: content))
        case .csv: measured = try writeCSV(content)
        case .digests: measured = try makeDigests(content)
        case .export: measured = try export(pages(of: content))
        }
        print("\(Int(Double(content.count * rounds) / (measured / .seconds(1)) / 1e6)) MB/s")
    }

    private func scan(_ pages: [[UInt8]]) throws -> Duration {
        let scanner = PageScanner(fields: ["id", "started_at", "is_deleted"])
        return try ContinuousClock().measure {
            for _ in 0..<rounds {
                for page in pages where try scanner.scan(page.span).rows.isEmpty { throw ExitCode.failure }
            }
        }
    }

    private func writeCSV(_ content: [UInt8]) throws -> Duration {
        var encoder = CSVEncoder(layout: try layout(), dialect: .warehouse)
        var output: [UInt8] = []
        // A block, as an export has it.
        output.reserveCapacity(1 << 20)
        return try ContinuousClock().measure {
            for _ in 0..<rounds {
                try forEachRow(of: content) { row in
                    if output.count > 1 << 19 { output.removeAll(keepingCapacity: true) }
                    try encoder.append(row: content.span.extracting(row), to: &output)
                }
            }
        }
    }

    /// The digests of all fields, as an export of rows as they came has them.
    private func makeDigests(_ content: [UInt8]) throws -> Duration {
        // An export knows where its rows are.
        var rows: [Range<Int>] = []
        forEachRow(of: content) { rows.append($0) }
        return try ContinuousClock().measure {
            for _ in 0..<rounds {
                var digester = RowDigester(covering: nil)
                let digests = rows.compactMap { digester.add(content.span.extracting($0)) }
                guard !WindowDigests(keys: digester.coveredKeys, rows: digests).encoded().isEmpty else { throw ExitCode.failure }
            }
        }
    }

    /// Pages → rows and keys → NDJSON → one gzip member, by zlib, which every build has.
    private func export(_ pages: [[UInt8]]) throws -> Duration {
        let scanner = PageScanner(fields: ["id", "started_at", "is_deleted", "metadata"])
        return try ContinuousClock().measure {
            for _ in 0..<rounds {
                var discovery = KeyDiscovery(prefixes: [["metadata"]])
                var member = GzipMember()
                var block: [UInt8] = []
                for page in pages {
                    let scanned = try scanner.scan(page.span)
                    for row in scanned.rows.indices {
                        if let metadata = scanned.value(3, ofRow: row) { discovery.collect(field: 0, metadata, in: page.span) }
                        scanned.append(row: row, of: page.span, to: &block)
                        block.append(UInt8(ascii: "\n"))
                    }
                }
                member.append(try GzipBlock(compressing: block.span, level: 1))
                guard !discovery.keys.isEmpty, !member.finish().isEmpty else { throw ExitCode.failure }
            }
        }
    }

    private func forEachRow(of content: [UInt8], _ body: (Range<Int>) throws -> Void) rethrows {
        var start = 0
        while let end = content.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<content.count) {
            try body(start..<end)
            start = end + 1
        }
    }

    /// Answers of a hundred rows each, as the service gives them.
    private func pages(of content: [UInt8]) -> [[UInt8]] {
        var pages: [[UInt8]] = []
        var rows: [UInt8] = []
        var count = 0
        func close() {
            pages.append(Array("{\"count\":\(count),\"next\":null,\"previous\":null,\"results\":[".utf8) + rows + Array("]}".utf8))
            (rows, count) = ([], 0)
        }
        forEachRow(of: content) { row in
            if !rows.isEmpty { rows.append(UInt8(ascii: ",")) }
            rows += content[row]
            count += 1
            if count == 100 { close() }
        }
        if count > 0 { close() }
        return pages
    }

    /// Thirty columns, most of them flattened, and the transcript, with the types that an export gives them.
    private func layout() throws -> TableLayout {
        let fields = [
            "id", "conversation_id", "name", "customer_id", "device", "language", "environment", "started_at", "ended_at", "is_marked",
            "is_used", "messages", "feedbacks",
        ]
        let known =
            (1...10).map { ["metadata", "key_\($0)"] } + [
                ["metadata", "shop"], ["metadata", "priority"], ["metadata", "customer_tier"], ["metadata", "analysis", "sentiment"],
                ["geo_location", "city"], ["geo_location", "country"],
            ]
        let types = Dictionary(uniqueKeysWithValues: Table.conversations.fields(detail: .full).map { ($0.name, $0.type) })
        let selectors = fields.map { ColumnSelector.column(Column(name: $0, path: [$0], type: types[$0])) }
        return try TableLayout(
            selectors + [.every(path: ["metadata"]), .every(path: ["geo_location"])],
            known: known.map { .init(path: $0, type: .string) }, fields: fields)
    }
}
