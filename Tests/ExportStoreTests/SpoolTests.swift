import ExportCore
import Foundation
import Testing

@testable import ExportStore

@Suite struct SpoolTests {
    private static let range = TimeRange(start: Instant(seconds: 0), end: Instant(seconds: 86_400))
    private static let window = Window(key: "1970-01-01", range: range, paths: ["x.ndjson"])
    private static let fingerprint = "sha256:0"

    private func withFolder(_ body: (FolderDestination, _ spool: URL) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("spool-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try body(FolderDestination(path: root.path), root.appendingPathComponent("_agentsight/spool/\(Self.window.key)"))
    }

    private static let tier = DiscoveredKey(path: ["metadata", "tier"], kinds: [.string, .shortInteger])
    private static let odd = DiscoveredKey(table: .messages, path: ["metadata", "a\nb"])

    private func piece(_ id: Int) -> WalkPiece {
        WalkPiece(
            id: id, range: TimeRange(start: Instant(seconds: Int64(id)), end: Instant(seconds: Int64(id) + 1)), seen: 2, written: 1,
            isOnTrust: true)
    }

    /// Spools three pieces, of which the second is dropped, and some rows that are no piece.
    /// - Returns: Where each record ends, in the order in which they were written.
    @discardableResult
    private func spoolRows(in destination: FolderDestination) throws -> [Int] {
        let spool = try destination.makeSpool(for: Self.window, fingerprint: Self.fingerprint)
        var ends = [spool.start]
        for (id, keys) in [(1, [Self.tier]), (2, []), (3, [Self.odd])] {
            let rows = Array("{\"row\": \(id)}\n".utf8)
            ends.append(try spool.append(rows, SpoolRecord(piece: piece(id), keys: keys, countBefore: 7), at: ends[id - 1]).end)
        }
        ends.append(try spool.append(Array("{\"bytes\":0,\"piece\":9}\n".utf8), SpoolRecord(), at: ends[3]).end)
        return ends + [try spool.append([], SpoolRecord(dropped: 2), at: ends[4]).end]
    }

    @Test("another run takes over the pieces that an interrupted one had spooled, their rows and their keys")
    func takenOver() throws {
        try withFolder { destination, _ in
            let end = try spoolRows(in: destination).last
            let found = try #require(try destination.spooled(Self.window, fingerprint: Self.fingerprint))
            #expect(found.checkpoint == WalkCheckpoint(pieces: [piece(1), piece(3)], countBefore: 7))
            #expect(found.keys == [Self.tier, Self.odd])
            #expect(found.end == end)
            let extent = try #require(found.extents[3])
            #expect(try found.spool.read(extent) == Array("{\"row\": 3}\n".utf8))
            #expect(found.extents[2] == nil)
        }
    }

    @Test("a last record that is not whole is cut off, wherever it ends, and what is written then takes its place")
    func cut() throws {
        try withFolder { destination, file in
            let ends = try spoolRows(in: destination)
            let content = try Data(contentsOf: file)
            #expect(content.count == ends[5])
            // What is taken over where so many records are whole.
            let pieces = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3], [1, 3]]
            for length in 0...content.count {
                try content.prefix(length).write(to: file)
                let found = try destination.spooled(Self.window, fingerprint: Self.fingerprint)
                let whole = ends.lastIndex { $0 <= length } ?? 0
                #expect((found?.checkpoint.pieces ?? []) == pieces[whole].map(piece), "\(length) bytes")
                guard whole > 0, let found else { continue }
                #expect(found.end == ends[whole])
                #expect(try Data(contentsOf: file).count == ends[whole])
                for piece in found.checkpoint.pieces {
                    let extent = try #require(found.extents[piece.id])
                    #expect(try found.spool.read(extent) == Array("{\"row\": \(piece.id)}\n".utf8))
                }
                _ = try found.spool.append(
                    Array("{}\n".utf8), SpoolRecord(piece: piece(4), keys: [], countBefore: 7), at: found.end)
                let again = try #require(try destination.spooled(Self.window, fingerprint: Self.fingerprint))
                #expect(again.checkpoint.pieces == found.checkpoint.pieces + [piece(4)])
            }
        }
    }

    @Test("rows of another declaration, another span, another start of the system or another day are not taken over")
    func strangers() throws {
        try withFolder { destination, file in
            try spoolRows(in: destination)
            #expect(try destination.spooled(Self.window, fingerprint: "sha256:1") == nil)
            let other = Window(key: Self.window.key, range: TimeRange(start: nil, end: Self.range.end), paths: [])
            #expect(try destination.spooled(other, fingerprint: Self.fingerprint) == nil)

            let origin = SpoolOrigin(fingerprint: Self.fingerprint, range: Self.range, now: Instant(seconds: 0))
            func later(_ seconds: Int64) -> SpoolOrigin {
                SpoolOrigin(fingerprint: Self.fingerprint, range: Self.range, now: Instant(seconds: seconds))
            }
            #expect(origin.canBeTakenOver(by: later(86_399)))
            #expect(!origin.canBeTakenOver(by: later(86_400)))

            let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).filter { !$0.isWhitespace }
            #expect(origin.boot == boot)
            var elsewhere = origin
            elsewhere.boot = UUID().uuidString.lowercased()
            #expect(!origin.canBeTakenOver(by: elsewhere))
            elsewhere.boot = nil
            #expect(!elsewhere.canBeTakenOver(by: elsewhere))

            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            let first = String(text.prefix { $0 != " " })
            #expect(first.contains(#""format":3"#))
            let others = Array(text.drop { $0 != "\n" }.dropFirst().utf8)
            try Data(Self.line(first) + others).write(to: file)
            #expect(try destination.spooled(Self.window, fingerprint: Self.fingerprint) != nil)
            try Data(Self.line(first.replacing(#""format":3"#, with: #""format":2"#)) + others).write(to: file)
            #expect(try destination.spooled(Self.window, fingerprint: Self.fingerprint) == nil)
        }
    }

    /// A record's line as a run writes it.
    private static func line(_ json: String, rows: String = "") -> [UInt8] {
        var checksum = SpoolChecksum()
        checksum.update(Array(json.utf8))
        checksum.update(Array(rows.utf8))
        return Array("\(json) ".utf8) + checksum.finish() + Array("\n\(rows)".utf8)
    }

    @Test("whichever byte of a spool was changed, no row is taken over that is not what was written, and all before it are")
    func everyByte() throws {
        try withFolder { destination, file in
            let ends = try spoolRows(in: destination)
            let content = try Data(contentsOf: file)
            // What is taken over where so many records stand before the byte.
            let pieces = [[], [], [1], [1, 2], [1, 2, 3], [1, 2, 3]]
            for place in content.indices {
                var changed = content
                changed[place] ^= [0x01, 0x10, 0x20, 0x80, 0xFF][place % 5]
                try changed.write(to: file)
                let whole = ends.count { $0 <= place }
                let found = try destination.spooled(Self.window, fingerprint: Self.fingerprint)
                #expect((found?.checkpoint.pieces ?? []) == pieces[whole].map(piece), "byte \(place)")
                for piece in found?.checkpoint.pieces ?? [] {
                    let extent = try #require(found?.extents[piece.id])
                    #expect(try found?.spool.read(extent) == Array("{\"row\": \(piece.id)}\n".utf8))
                }
            }
        }
    }

    @Test("rows of many megabytes are checked, too, wherever they were changed")
    func largeRows() throws {
        try withFolder { destination, file in
            let spool = try destination.makeSpool(for: Self.window, fingerprint: Self.fingerprint)
            let rows = (0..<((3 << 18) + 5)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let extent = try spool.append(rows, SpoolRecord(piece: piece(1), keys: [], countBefore: 1), at: spool.start)
            #expect(try destination.spooled(Self.window, fingerprint: Self.fingerprint)?.extents == [1: extent])
            let content = try Data(contentsOf: file)
            for place in [
                extent.offset, extent.offset + (1 << 18) - 1, extent.offset + (1 << 18), extent.offset + (1 << 19) + 3,
                extent.end - 1,
            ] {
                var changed = content
                changed[place] ^= 0x80
                try changed.write(to: file)
                #expect(try destination.spooled(Self.window, fingerprint: Self.fingerprint) == nil, "\(place)")
            }
        }
    }

    @Test(
        "a record that claims what no run can have spooled ends a spool, though its checksum is right",
        arguments: [
            #"{"bytes":9223372036854775807,"countBefore":1,"piece":PIECE}"#, #"{"bytes":-1,"countBefore":1,"piece":PIECE}"#,
            #"{"bytes":0,"countBefore":9223372036854775807,"piece":PIECE}"#, #"{"bytes":0,"countBefore":-1,"piece":PIECE}"#,
            #"{"bytes":0,"countBefore":1,"dropped":-9223372036854775808}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;id=9223372036854775807}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;id=-9223372036854775808}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;seen=9223372036854775807}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;written=-1}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;end=1970-01-01T00:00:01Z}"#,
            #"{"bytes":0,"countBefore":1,"piece":PIECE;end=1970-01-01T00:00:00Z}"#,
        ])
    func impossible(record: String) throws {
        try withFolder { destination, file in
            _ = try destination.makeSpool(for: Self.window, fingerprint: Self.fingerprint)
            let origin = try Data(contentsOf: file)
            let plain =
                #"{"id":1,"isOnTrust":true,"range":{"end":"1970-01-01T00:00:09Z","start":"1970-01-01T00:00:01Z"},"seen":2,"written":1}"#
            var piece = plain
            if let change = record.firstMatch(of: /PIECE;(\w+)=([^}]*)/) {
                let value = change.1 == "end" ? "\"\(change.2)\"" : String(change.2)
                piece = piece.replacing(try Regex("\"\(change.1)\":(\"[^\"]*\"|[^,}]*)"), with: "\"\(change.1)\":\(value)")
                #expect(piece != plain)
            }
            func spooled(_ record: String, _ piece: String) throws -> SpooledWindow? {
                let json = record.replacing(/PIECE(;[^}]*)?/, with: piece)
                try (origin + Data(Self.line(json))).write(to: file)
                return try destination.spooled(Self.window, fingerprint: Self.fingerprint)
            }
            #expect(try spooled(#"{"bytes":0,"countBefore":1,"piece":PIECE}"#, plain) != nil)
            #expect(try spooled(record, piece) == nil)
        }
    }

    @Test("pieces that overlap are not taken over: their rows would be there twice")
    func overlapping() throws {
        try withFolder { destination, _ in
            let spool = try destination.makeSpool(for: Self.window, fingerprint: Self.fingerprint)
            var end = spool.start
            for (id, last) in [(1, 5), (2, 4)] as [(Int, Int64)] {
                let range = TimeRange(start: Instant(seconds: Int64(id)), end: Instant(seconds: last))
                let piece = WalkPiece(id: id, range: range, seen: 1, written: 1, isOnTrust: false)
                end = try spool.append(Array("{}\n".utf8), SpoolRecord(piece: piece, keys: [], countBefore: 2), at: end).end
            }
            #expect(try destination.spooled(Self.window, fingerprint: Self.fingerprint) == nil)
        }
    }

    @Test("a commit and the end of a run leave no spool that nobody will take over")
    func removed() async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("spool-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let destination = FolderDestination(path: root.path)
        let spools = root.appendingPathComponent("_agentsight/spool")
        try await destination.withLock(holder: "me", share: .whole) {
            try spoolRows(in: destination)
            try Data("nonsense".utf8).write(to: spools.appendingPathComponent("1970-01-02"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spools.path) == [Self.window.key])
        try await destination.withLock(holder: "me", share: .whole) { try destination.discard(Self.window, keepingRows: false) }
        #expect(!FileManager.default.fileExists(atPath: spools.path))
    }

    @Test("rows of a spool without a name are read back, from anywhere")
    func nameless() throws {
        let spool = try StreamDestination(temporaryFolder: FileManager.default.temporaryDirectory.path)
            .makeSpool(for: Self.window, fingerprint: Self.fingerprint)
        #expect(try spool.append(Array("hello ".utf8), SpoolRecord(), at: spool.start) == .init(offset: 0, length: 6))
        #expect(try spool.append(Array("world".utf8), SpoolRecord(), at: 6) == .init(offset: 6, length: 5))
        #expect(try spool.read(.init(offset: 4, length: 4)) == Array("o wo".utf8))
        #expect(throws: StoreError.self) { try spool.read(.init(offset: 8, length: 10)) }
    }
}
