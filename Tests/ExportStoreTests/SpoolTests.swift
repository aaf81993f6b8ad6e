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
    private func spoolRows(in destination: FolderDestination) throws -> Int {
        let spool = try destination.makeSpool(for: Self.window, fingerprint: Self.fingerprint)
        var end = spool.start
        for (id, keys) in [(1, [Self.tier]), (2, []), (3, [Self.odd])] {
            let rows = Array("{\"row\": \(id)}\n".utf8)
            end = try spool.append(rows, SpoolRecord(piece: piece(id), keys: keys, countBefore: 7), at: end).end
        }
        end = try spool.append(Array("{\"bytes\":0,\"piece\":9}\n".utf8), SpoolRecord(), at: end).end
        return try spool.append([], SpoolRecord(dropped: 2), at: end).end
    }

    @Test("another run takes over the pieces that an interrupted one had spooled, their rows and their keys")
    func takenOver() throws {
        try withFolder { destination, _ in
            let end = try spoolRows(in: destination)
            let found = try #require(try destination.spooled(Self.window, fingerprint: Self.fingerprint))
            #expect(found.remains == WalkRemains(pieces: [piece(1), piece(3)], countBefore: 7))
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
            _ = try spoolRows(in: destination)
            let content = try Data(contentsOf: file)
            for length in stride(from: content.count - 1, to: 0, by: -7) {
                try content.prefix(length).write(to: file)
                guard let found = try destination.spooled(Self.window, fingerprint: Self.fingerprint) else { continue }
                #expect(found.end <= length)
                #expect(try Data(contentsOf: file).count == found.end)
                for piece in found.remains.pieces {
                    let extent = try #require(found.extents[piece.id])
                    #expect(try found.spool.read(extent) == Array("{\"row\": \(piece.id)}\n".utf8))
                }
                _ = try found.spool.append(
                    Array("{}\n".utf8), SpoolRecord(piece: piece(4), keys: [], countBefore: 7), at: found.end)
                let again = try #require(try destination.spooled(Self.window, fingerprint: Self.fingerprint))
                #expect(again.remains.pieces == found.remains.pieces + [piece(4)])
            }
        }
    }

    @Test("rows of another declaration, another span, another start of the system or another day are not taken over")
    func strangers() throws {
        try withFolder { destination, file in
            _ = try spoolRows(in: destination)
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
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            #expect(text.contains(boot))
            try Data(text.replacing(boot, with: UUID().uuidString.lowercased()).utf8).write(to: file)
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
            _ = try spoolRows(in: destination)
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
