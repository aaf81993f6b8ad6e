import ExportFormats
import Foundation
import SampleAPI
import SwiftCSV
import TestSupport
import Testing

@Suite struct FormatsTests {
    @Test(
        "zstd holds what gzip holds, is verified, and outputs are rendered from it without a key",
        .enabled(if: Zstd.isAvailable, "this build has no zstd"))
    func zstd() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let (zstd, gzip) = ("{ path: all.ndjson.zst, compression: zstd }", "{ path: all.ndjson.gz }")
                let csv = "{ format: csv, path: all.csv.zst, compression: { zstd: 9 } }"
                func write(_ outputs: String...) throws {
                    try folder.write(
                        "{ version: 1, destination: out, window: { to: 2026-05-01 }, outputs: [\(outputs.joined(separator: ", "))] }",
                        to: "p.yml")
                }
                struct Written: Decodable {
                    struct File: Decodable { let path, encoder, contentSha256: String }
                    let files: [File]
                }
                func files() throws -> [String: Written.File] {
                    let decoder = JSONDecoder()
                    decoder.keyDecodingStrategy = .convertFromSnakeCase
                    let manifest = try decoder.decode(Written.self, from: folder.read("out/_agentsight/windows/all.json"))
                    return Dictionary(uniqueKeysWithValues: manifest.files.map { ($0.path, $0) })
                }
                try write(zstd, csv, "{ format: parquet, path: all.parquet }")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let first = try files()
                #expect(first["all.ndjson.zst"]?.encoder == Zstd.encoder(level: nil))
                #expect(first["all.csv.zst"]?.encoder == Zstd.encoder(level: 9))
                #expect(first["all.parquet"]?.encoder == WholeGzip.encoder(level: nil))
                #expect(try await Command.run("verify", "p.yml", in: folder).status == 0)

                // Rendered, from the rows in zstd.
                let requests = service.statistics.requests
                try write(zstd, gzip)
                let rendered = try await Command.run("run", "p.yml", in: folder, endpoint: "http://127.0.0.1:1")
                #expect(rendered.status == 0, "\(rendered.testDescription)")
                #expect(service.statistics.requests == requests)
                let second = try files()
                #expect(second["all.ndjson.gz"]?.contentSha256 == first["all.ndjson.zst"]?.contentSha256)
                #expect(try await folder.unzip("out/all.ndjson.gz").split(separator: "\n").count == service.matchingIDs([]).count)

                var content = try folder.read("out/all.ndjson.zst")
                content[content.count / 2] ^= 1
                try content.write(to: folder.url.appendingPathComponent("out/all.ndjson.zst"))
                let broken = try await Command.run("verify", "p.yml", in: folder)
                #expect(broken.status == 4 && broken.output.contains("all.ndjson.zst"), "\(broken.testDescription)")
            }
        }
    }

    @Test("NDJSON and CSV hold the same values, read by others' readers; null and the empty string differ")
    func sameValues() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    filters: { include_deleted: true }
                    destination: out
                    outputs:
                      - { path: all.ndjson.gz }
                      - { format: csv, path: all.csv.gz }
                      - { format: ndjson, path: flat.ndjson.gz, flatten: [metadata, geo_location] }
                    """, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let rows = try await folder.unzip("out/all.ndjson.gz").split(separator: "\n")
                let flat = try await folder.unzip("out/flat.ndjson.gz").split(separator: "\n")
                let text = try await folder.unzip("out/all.csv.gz")
                let csv = try NamedCSV(string: text, delimiter: .comma)
                // By the grammar alone, where a field without quotes is not one with nothing between them.
                let records = CSVReader.records(in: text)
                #expect(records.count == 401)
                #expect(Self.recordEnds(in: text) == Array(repeating: "\n", count: 401))
                #expect(rows.count == 400)
                #expect(flat.count == 400)
                #expect(csv.rows.count == 400)
                var (empty, null) = (0, 0)
                for (index, text) in rows.enumerated() {
                    let row = try Sample.object(text)
                    let columns = try Sample.object(flat[index])
                    #expect(Set(columns.keys) == Set(csv.header))
                    #expect(csv.rows[index]["id"] == (row["id"] as? Int).map(String.init))
                    for name in ["conversation_id", "name", "customer_id", "device", "started_at"] {
                        #expect(csv.rows[index][name] == row[name] as? String ?? "", "\(name)")
                        let place = try #require(csv.header.firstIndex(of: name))
                        #expect(records[index + 1][place] == row[name] as? String, "\(name)")
                        #expect(columns[name] as? String == row[name] as? String, "\(name)")
                        if row[name] is NSNull { null += 1 } else if row[name] as? String == "" { empty += 1 }
                    }
                    let metadata = row["metadata"] as? [String: Any] ?? [:]
                    for (key, value) in metadata where value is String {
                        let cell = csv.rows[index]["metadata__\(key)"]
                        let isInRest = csv.rows[index]["metadata__rest"]?.contains("\"\(key)\"") ?? false
                        #expect(cell == value as? String || isInRest, "\(key)")
                    }
                }
                #expect(empty > 0)
                #expect(null > 0)
            }
        }
    }

    /// What stands behind the last field of each record, outside quotes.
    private static func recordEnds(in text: String) -> [String] {
        var ends: [String] = []
        var (isQuoted, hasReturn) = (false, false)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted { ends.append(hasReturn ? "\r\n" : "\n") }
            hasReturn = byte == UInt8(ascii: "\r")
        }
        return ends
    }

    @Test("numbers keep every digit: what the service sent stands in the file")
    func digits() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let outcome = try await Command.run("dump", "--extra", "include_deleted=true", in: folder, endpoint: endpoint)
                #expect(outcome.status == 2, "include_deleted is a filter: \(outcome.testDescription)")
                let dump = try await Command.run("dump", "--filter", "include_deleted=true", "-q", in: folder, endpoint: endpoint)
                #expect(dump.status == 0, "\(dump.testDescription)")
                let ids = try service.matchingIDs([.init(name: "include_deleted", value: "true")])
                let sent = Set(ids.compactMap { service.row(id: $0).map { String(decoding: $0, as: UTF8.self) } })
                let written = Set(dump.output.split(separator: "\n").map(String.init))
                #expect(written == sent)
                #expect(written.contains { $0.contains("1e-7") || $0.contains("1E400") })
            }
        }
    }

    @Test("the spreadsheet dialect has a byte order mark, CRLF, and no text that would run")
    func spreadsheet() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let outcome = try await Command.run(
                    "dump", "--format", "csv", "--dialect", "spreadsheet", "--columns", "id,name,customer_id", "-o", "s.csv",
                    in: folder,
                    endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let content = try folder.read("s.csv")
                #expect(content.starts(with: [0xEF, 0xBB, 0xBF]))
                let ends = Self.recordEnds(in: String(decoding: content, as: UTF8.self))
                #expect(ends == Array(repeating: "\r\n", count: 371))
                let csv = try NamedCSV(string: String(decoding: content.dropFirst(3), as: UTF8.self), delimiter: .comma)
                #expect(csv.rows.count == 370)
                for cell in csv.rows.flatMap({ [$0["name"], $0["customer_id"]] }).compactMap(\.self) where Double(cell) == nil {
                    #expect(!"=+-@\t\r＝＋－＠".contains(cell.first ?? " "), "\(cell.prefix(1))")
                }
                #expect(csv.rows.contains { $0["name"]?.hasPrefix("'=") == true })
            }
        }
    }
}
