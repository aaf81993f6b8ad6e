import ExportCore
import ExportFormats
import Foundation
import Testing

@testable import ExportEngine
@testable import ExportStore

@Suite struct FileEncoderTests {
    @Test(
        "the blocks of a file are all there, in their order, whatever the order in which they are ready",
        arguments: [Output.Compression.none, .gzip(level: nil)],
        [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]])
    func order(compression: Output.Compression, order: [Int]) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("blocks-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let window = Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 1)), paths: ["x"])
        let file = try PackedFile(FolderDestination(path: root.path).makeFile(0, of: window), compression)
        let blocks = (0..<4).map { number in [UInt8](repeating: UInt8(ascii: "a") + UInt8(number), count: 1000 + number) }
        for index in order {
            let block = blocks[index]
            try file.write(compression == .none ? .plain(block) : .gzip(GzipBlock(compressing: block.span)), at: index)
        }
        let digest = try #require(try file.finish())

        let written = try [UInt8](Data(contentsOf: root.appendingPathComponent("_agentsight/staging/all/0")))
        #expect(digest.bytes == written.count)
        let content = compression == .none ? written : try ContentEncoding.gzip.decode(written.span, limit: 1 << 20)
        #expect(content == blocks.flatMap(\.self))
    }

    @Test("values that do not fit are counted by column, where the names of two columns differ in their bytes alone, too")
    func misfits() throws {
        let columns = ["\u{E9}", "e\u{301}"].map { ColumnSelector.column(Column(path: [$0], type: .integer)) }
        let output = Output(
            table: .conversations, format: .ndjson, compression: .none, path: "x", columns: columns + [.rest], dialect: .warehouse)
        let layout = try #require(try output.layout(detail: .full, ColumnCatalog()))
        var encoder = FileEncoder(output, rowEncoder: NDJSONEncoder(layout: layout), hasHeader: true)
        try encoder.append(row: Array("{\"\u{E9}\":\"a\",\"e\u{301}\":\"b\"}".utf8).span)
        #expect(encoder.misfitsByName == ["\u{E9}": 2])
    }

    /// A format whose files end with what counts its rows and bytes.
    private struct Counting: RowEncoder {
        var (rows, bytes) = (0, 0)
        let layout: TableLayout? = nil

        mutating func appendHeader(to output: inout [UInt8]) { add("<", to: &output) }

        mutating func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) {
            rows += 1
            add(String(repeating: "r", count: row.count), to: &output)
        }

        mutating func appendFooter(to output: inout [UInt8]) { add(">\(rows) rows behind \(bytes) bytes", to: &output) }

        private mutating func add(_ text: String, to output: inout [UInt8]) {
            bytes += text.utf8.count
            output += text.utf8
        }
    }

    @Test("a format says what stands before the rows of a file and behind them, once, however many blocks that takes")
    func format() throws {
        let output = Output(
            table: .conversations, format: .ndjson, compression: .none, path: "x", columns: nil, dialect: .warehouse)
        var encoder = FileEncoder(output, rowEncoder: Counting(), hasHeader: true)
        var (content, blocks) = ([UInt8](), 0)
        let row = [UInt8](repeating: UInt8(ascii: "x"), count: FileEncoder.blockSize / 2)
        for _ in 0..<5 {
            try encoder.append(row: row.span)
            while let block = encoder.nextBlock() { (content, blocks) = (content + block, blocks + 1) }
        }
        content += try encoder.lastBlock() ?? []
        let length = 5 * row.count + 1
        let expected = "<" + String(repeating: "r", count: length - 1) + ">5 rows behind \(length) bytes"
        #expect(blocks == 2)
        #expect(String(decoding: content, as: UTF8.self) == expected)
    }
}
