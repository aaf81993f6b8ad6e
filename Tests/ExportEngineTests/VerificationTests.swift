import ExportCore
import ExportFormats
import Foundation
import TestSupport
import Testing

@testable import ExportEngine
@testable import ExportStore

/// Manifests that agree with their files to the byte, and yet are wrong.
@Suite struct VerificationTests {
    private static let start = Instant(seconds: 0)
    private static let row = #"{"id":1,"started_at":"1970-01-01T00:00:01Z"}"# + "\n"
    private static let second = #"{"id":2,"started_at":"1970-01-01T00:00:01Z"}"# + "\n"

    private struct File {
        var content = VerificationTests.row
        var bytes: [UInt8]?
        var format = "ndjson"
        var rows = 1
        var encoder = "none"
        var contentSHA256: String?
    }

    /// What is found in a destination with one window of these files, as their faults by path.
    private func faults(
        _ files: [File], distinctIDs: Int = 1, status: Manifest.Status = .proved, keys: Manifest.File.KeyColumns? = nil
    ) async throws -> [VerifyProblem.Fault] {
        try await withFolder { folder in
            try await commit("1970-01-01", seconds: 0..<86_400, files, in: folder, distinctIDs, status, keys)
            return try await problems(folder).map(\.fault)
        }
    }

    private func withFolder<Result>(_ body: (FolderDestination) async throws -> Result) async throws -> Result {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("verify-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        return try await body(FolderDestination(path: root.path))
    }

    private func problems(_ folder: FolderDestination, pipeline: String? = nil) async throws -> [VerifyProblem] {
        var problems: [VerifyProblem] = []
        let summary = try await Verification(of: folder, pipeline: pipeline).run { problems.append($0) }
        #expect(summary.problems == problems.count)
        return problems
    }

    private func commit(
        _ key: String, seconds: Range<Int64>, _ files: [File], in folder: FolderDestination, _ distinctIDs: Int = 1,
        _ status: Manifest.Status = .proved, _ keys: Manifest.File.KeyColumns? = nil
    ) async throws {
        let range = TimeRange(start: Instant(seconds: seconds.lowerBound), end: Instant(seconds: seconds.upperBound))
        let window = Window(key: key, range: range, paths: files.indices.map { "\(key)-\($0)" })
        try await folder.withLock(holder: "me", share: .whole) {
            var written: [Manifest.File] = []
            for (index, file) in files.enumerated() {
                var output = try folder.makeFile(index, of: window)
                try output.write(file.bytes ?? Array(file.content.utf8))
                let digest = try output.finish()
                var content = try folder.makeFile(99, of: window)
                try content.write(Array(file.content.utf8))
                let contentDigest = try content.finish()
                try FileManager.default.removeItem(atPath: "\(folder.name)/_agentsight/staging/\(key)/99")
                written.append(
                    .init(
                        path: window.paths[index], table: "conversations", format: file.format, rows: file.rows,
                        bytes: digest.bytes, sha256: digest.sha256, contentSHA256: file.contentSHA256 ?? contentDigest.sha256,
                        encoder: file.encoder, keys: keys ?? .init(id: "id", startedAt: "started_at")))
            }
            try folder.commit(
                .sample(window, status: status, rows: 1, distinctIDs: distinctIDs, files: written), columns: nil)
        }
    }

    @Test("a window that is right has no fault")
    func right() async throws {
        #expect(try await faults([File()]) == [])
        #expect(try await faults([File(content: "", rows: 0)], distinctIDs: 0) == [])
        #expect(try await faults([File(content: "name\na\n", format: "csv"), File()], keys: .init()) == [])
    }

    @Test("rows that are not as the manifest says, or not as rows have to be, are found")
    func rows() async throws {
        let (row, second) = (Self.row, Self.second)
        #expect(try await faults([File(content: row + second)]) == [.rows(2, written: 1)])
        #expect(try await faults([File(content: row + second, rows: 2)]) == [.unprovedRows(2, distinctIDs: 1)])
        #expect(try await faults([File(content: row + row, rows: 2)], distinctIDs: 2) == [.repeatedID(row: 2)])
        #expect(try await faults([File(content: second + row, rows: 2)], distinctIDs: 2) == [.outOfOrder(row: 2)])
        #expect(try await faults([File(content: "{}\n")]) == [.noID(row: 1)])
        #expect(try await faults([File(content: #"{"id":1}"# + "\n")]) == [.noTime(row: 1)])
        #expect(try await faults([File(content: "{\n")]) == [.format(.notAnObject(row: 1))])
        for time in ["1969-12-31T23:59:59.999999Z", "1970-01-02T00:00:00Z"] {
            #expect(try await faults([File(content: #"{"id":1,"started_at":"\#(time)"}"# + "\n")]) == [.outsideWindow(row: 1)])
        }
        #expect(
            try await faults([File(), File(content: "id,started_at\n", format: "csv", rows: 0)])
                == [.unequalRows(0, first: 1), .unprovedRows(0, distinctIDs: 1)])
    }

    @Test("a file that was cut, or is longer, is told by its size")
    func size() async throws {
        try await withFolder { folder in
            try await commit("1970-01-01", seconds: 0..<86_400, [File()], in: folder)
            for content in [String(Self.row.dropLast()), Self.row + "\n"] {
                try Data(content.utf8).write(to: URL(fileURLWithPath: "\(folder.name)/1970-01-01-0"))
                #expect(
                    try await problems(folder).map(\.fault) == [.size(content.utf8.count, written: Self.row.utf8.count)])
            }
        }
    }

    @Test("an id that is no conversation's is not looked at")
    func otherColumns() async throws {
        let row = #"{"id":null}"# + "\n"
        #expect(try await faults([File(content: row + row, rows: 2)], distinctIDs: 2, keys: .init()) == [])
    }

    @Test("gzip of two members, with bytes behind it, cut, or of other content is found")
    func gzip() async throws {
        let bytes = Array(Self.row.utf8)
        let block = try GzipBlock(compressing: bytes.span, level: 6)
        var member = GzipMember()
        member.append(block)
        let whole = GzipMember.header + block.bytes + member.finish()
        #expect(try await faults([File(bytes: whole, encoder: "zlib")]) == [])
        #expect(
            try await faults([File(content: Self.row + Self.row, bytes: whole + whole, rows: 2, encoder: "zlib")], distinctIDs: 2)
                == [.compression(.trailingBytes)])
        #expect(try await faults([File(bytes: whole + [0], encoder: "zlib")]) == [.compression(.trailingBytes)])
        #expect(try await faults([File(bytes: whole.dropLast(), encoder: "zlib")]) == [.compression(.truncated)])
        #expect(try await faults([File(bytes: bytes, encoder: "zlib")]) == [.compression(.corrupt)])
        #expect(try await faults([File(bytes: whole, encoder: "zlib", contentSHA256: "0")]) == [.content])
        #expect(try await faults([File(bytes: [], encoder: "zlib")]) == [.compression(.truncated)])
    }

    @Test("a window that is not proved, one of another pipeline, and two that overlap are found")
    func windows() async throws {
        #expect(try await faults([File()], status: .unsettled) == [.notProved(countAfter: 1, distinctIDs: 1)])
        try await withFolder { folder in
            for (key, span) in [("1970-01-01", 0..<86_400), ("1970-01-02", 0..<172_800), ("1970-01-03", 172_800..<259_200)] {
                let time = Instant(seconds: Int64(span.lowerBound))
                let file = File(content: #"{"id":1,"started_at":"\#(time)"}"# + "\n")
                try await commit(key, seconds: Int64(span.lowerBound)..<Int64(span.upperBound), [file], in: folder)
            }
            let found = try await problems(folder)
            #expect(found == [VerifyProblem(.overlap(with: "1970-01-01"), window: "1970-01-02")])
            #expect(try await problems(folder, pipeline: "p") == found)
            #expect(try await problems(folder, pipeline: "q").count == 4)
        }
    }

    @Test("what a newer version wrote is named as that, and no file is called strange that may be its own; status tells of it")
    func newer() async throws {
        try await withFolder { folder in
            try await commit("1970-01-01", seconds: 0..<86_400, [File()], in: folder)
            try await commit("1970-01-02", seconds: 86_400..<172_800, [File()], in: folder)
            func raise(_ path: String) throws {
                let file = URL(fileURLWithPath: "\(folder.name)/\(path)")
                let text = try String(contentsOf: file, encoding: .utf8)
                try Data(text.replacing(#""format" : 1"#, with: #""format" : 2"#).replacing(/"checksum" : "[^"]*",/, with: "").utf8)
                    .write(to: file)
            }
            try await folder.withLock(holder: "me", share: .whole) {
                try folder.store(ColumnCatalog())
                try folder.record(
                    RunRecord(
                        run: "r", pipeline: "p", version: "0", startedAt: Self.start, endedAt: Self.start, exitCode: 0,
                        summary: RunSummary()))
            }
            let paths = ["_agentsight/windows/1970-01-02.json", "_agentsight/columns.json", "_agentsight/runs/r.json"]
            for path in paths { try raise(path) }
            #expect(
                try await problems(folder)
                    == paths.enumerated().map { index, path in
                        VerifyProblem(.newer(format: 2), window: index == 0 ? "1970-01-02" : nil, path: path)
                    })
            let status = try await DestinationStatus(of: folder)
            #expect(status.newer == ["1970-01-02"] && status.unreadable == [] && status.committed == 1)
        }
    }

    @Test("numbers that have no sum are the largest one")
    func sums() async throws {
        try await withFolder { folder in
            for day in 0..<2 {
                let key = "1970-01-0\(day + 1)"
                try await commit(key, seconds: Int64(day * 86_400)..<Int64((day + 1) * 86_400), [File()], in: folder)
                let file = URL(fileURLWithPath: "\(folder.name)/_agentsight/windows/\(key).json")
                var manifest = try StateFile.decode(Manifest.self, from: Data(contentsOf: file))
                manifest.files = Array(repeating: manifest.files[0], count: 1500)
                for index in manifest.files.indices { manifest.files[index].bytes = 1 << 53 }
                manifest.proof.distinctIDs = 1 << 53
                try Data(StateFile.encode(manifest)).write(to: file)
            }
            let status = try await DestinationStatus(of: folder)
            #expect(status.bytes == .max && status.rows == 1 << 54)
            let summary = try await Verification(of: folder, pipeline: nil).run { _ in }
            #expect(summary.bytes == .max && summary.rows == 1 << 54 && summary.files == 3000)
        }
    }

    @Test("while a run holds the destination, nothing is said of it")
    func locked() async throws {
        try await withFolder { folder in
            try await commit("1970-01-01", seconds: 0..<86_400, [File()], in: folder)
            try await folder.withLock(holder: "a run", share: .whole) {
                _ = await #expect(throws: StoreError.locked(path: folder.name, holder: "a run")) { try await problems(folder) }
            }
            #expect(try await problems(folder) == [])
        }
    }

    @Test("every problem is told in a line")
    func words() {
        let faults: [VerifyProblem.Fault] = [
            .unreadableManifest, .newer(format: 2), .wrongKey("k"), .otherPipeline("p"), .overlap(with: "k"),
            .notProved(countAfter: 2, distinctIDs: 1),
            .unequalRows(1, first: 2), .unprovedRows(1, distinctIDs: 2), .missing, .size(1, written: 2), .bytes,
            .compression(.truncated), .content, .format(.noHeader), .rows(1, written: 2), .noID(row: 1), .repeatedID(row: 1),
            .noTime(row: 1), .outsideWindow(row: 1), .outOfOrder(row: 1), .unlisted, .shared, .leftover, .unreadableColumns,
            .lostColumns(1, discovered: 2), .unreadableRun, .notInExport(count: 1, ids: [7]),
            .goneFromServer(count: 3, ids: [1, 2]), .otherCount(onServer: 1, inExport: 2), .changedDuringCheck,
        ]
        let words = faults.map { VerifyProblem($0).words }
        #expect(Set(words).count == faults.count)
        #expect(words.allSatisfy { !$0.contains("\n") })
        #expect(words.contains("1 row in the service is not in the export: id 7"))
        #expect(words.contains("3 rows of the export are gone from the server: ids 1, 2, …"))
    }
}
