import Crypto
import ExportCore
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import ExportStore

/// A destination into which somebody else has put what no exporter puts there.
@Suite(.timeLimit(.minutes(5))) struct HostileDestinationTests {
    private static let window = Window(
        key: "2026-11-01", range: TimeRange(start: Instant(seconds: 0), end: Instant(seconds: 86_400)), paths: ["a/x.ndjson"])

    /// A destination, and beside it a folder and a file that are nobody's business here.
    private func withDestination(_ body: (FolderDestination, URL, Victim) async throws -> Void) async throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("hostile-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: base) }
        let victim = try Victim(in: base)
        let root = base.appendingPathComponent("out")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try await body(FolderDestination(path: root.path), root, victim)
        try victim.expectUntouched()
    }

    private struct Victim {
        let folder: URL
        var file: URL { folder.appendingPathComponent("inside") }

        init(in base: URL) throws {
            folder = base.appendingPathComponent("victim")
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("below"), withIntermediateDirectories: true)
            try Data("precious".utf8).write(to: file)
        }

        func expectUntouched() throws {
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["below", "inside"])
            #expect(try Data(contentsOf: file) == Data("precious".utf8))
        }
    }

    private func manifest(_ paths: [String] = window.paths, content: String = "rows") -> Manifest {
        .sample(Self.window, files: paths.map { .sample($0, content: content) })
    }

    private func commit(_ content: String, to destination: FolderDestination) throws {
        var file = try destination.makeFile(0, of: Self.window)
        try file.write(Array(content.utf8))
        _ = try file.finish()
        try destination.commit(manifest(content: content), columns: nil)
    }

    private func link(_ path: String, in root: URL, to target: URL) throws {
        let place = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(at: place, withDestinationURL: target)
    }

    // MARK: Links

    @Test(
        "a link in the place of a folder of the exporter's own is refused by name, and nothing is done to what it leads to",
        arguments: [
            "_agentsight", "_agentsight/windows", "_agentsight/runs", "_agentsight/staging", "_agentsight/staging/2026-11-01",
            "_agentsight/spool", "_agentsight/spool/2026-11-01", "_agentsight/lock", "_agentsight/lock.shard-0-of-2",
            "_agentsight/columns.json",
        ], [true, false])
    func linkInState(path: String, isToAFolder: Bool) async throws {
        try await withDestination { destination, root, victim in
            try link(path, in: root, to: isToAFolder ? victim.folder : victim.file)
            let refusal = StoreError.obstructed(.link, path: "\(root.path)/\(path)")
            await #expect(throws: refusal) { try await destination.check(pipeline: "p", every: .day) }
            // Whoever goes on all the same.
            for share in [Share.whole, .shard(0, of: 2)] {
                let _: Void? = try? await destination.withLock(holder: "me", share: share) {
                    try? commit("rows", to: destination)
                    try? destination.store(ColumnCatalog())
                    try? destination.discard(Self.window, keepingRows: false)
                    _ = try? destination.makeSpool(for: Self.window, fingerprint: "f").append([1], SpoolRecord(), at: 0)
                    _ = try? destination.spooled(Self.window, fingerprint: "f")
                    try? destination.removeSpools(of: share)
                }
                await destination.cleanUp(share)
            }
        }
    }

    @Test("a folder for files that is a link is refused before anything is fetched; a file that is one is replaced")
    func linkToOutput() async throws {
        try await withDestination { destination, root, victim in
            try link("a", in: root, to: victim.folder)
            let refusal = StoreError.obstructed(.link, path: "\(root.path)/a")
            #expect(throws: refusal) { try destination.commitState(of: Self.window) }
            try await destination.withLock(holder: "me", share: .whole) {
                _ = #expect(throws: refusal) { try commit("rows", to: destination) }
            }
        }
        try await withDestination { destination, root, victim in
            try link("a/x.ndjson", in: root, to: victim.file)
            #expect(try destination.commitState(of: Self.window) == .nothing)
            try await destination.withLock(holder: "me", share: .whole) { try commit("rows", to: destination) }
            #expect(try String(contentsOf: root.appendingPathComponent("a/x.ndjson"), encoding: .utf8) == "rows")
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(), missing: nil))

            // What stands elsewhere is not what was committed, whatever is in it.
            let elsewhere = root.deletingLastPathComponent().appendingPathComponent("elsewhere")
            try FileManager.default.moveItem(at: root.appendingPathComponent("a/x.ndjson"), to: elsewhere)
            try link("a/x.ndjson", in: root, to: elsewhere)
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(), missing: "a/x.ndjson"))
            #expect(throws: StoreError.obstructed(.link, path: "\(root.path)/a/x.ndjson")) {
                try destination.size(ofFile: "a/x.ndjson")
            }
            #expect(throws: StoreError.obstructed(.link, path: "\(root.path)/a/x.ndjson")) {
                try destination.openFile("a/x.ndjson")
            }
        }
    }

    @Test("a destination that is a link, or lies behind one, is as good as any")
    func linkToDestination() async throws {
        try await withDestination { _, root, _ in
            let base = root.deletingLastPathComponent()
            for (name, target) in [("direct", root), ("behind", base)] { try link(name, in: base, to: target) }
            for path in ["direct", "behind/out"] {
                let destination = FolderDestination(path: base.appendingPathComponent(path).path)
                try await destination.check(pipeline: "p", every: .day)
                try await destination.withLock(holder: "me", share: .whole) { try commit(path, to: destination) }
                #expect(try String(contentsOf: root.appendingPathComponent("a/x.ndjson"), encoding: .utf8) == path)
            }
        }
    }

    // MARK: Other things

    @Test(
        "what is no file of its own in the place of the lock is refused by name, at once, and left as it is",
        arguments: [FileKind.pipe, .socket, .folder, .hardLink, .link])
    func lock(kind: FileKind) async throws {
        try await withDestination { destination, root, victim in
            try await plant(kind, at: "_agentsight/lock", in: root, victim)
            let refusal = StoreError.obstructed(kind, path: "\(root.path)/_agentsight/lock")
            await #expect(throws: refusal) { try await destination.withLock(holder: "me", share: .whole) {} }
            #expect(throws: refusal) { try destination.lockHolders() }
        }
    }

    @Test(
        "what is no file in the place of a window's file is refused by name, at once", arguments: [FileKind.pipe, .socket, .folder])
    func output(kind: FileKind) async throws {
        try await withDestination { destination, root, victim in
            let refusal = StoreError.obstructed(kind, path: "\(root.path)/a/x.ndjson")
            try await plant(kind, at: "a/x.ndjson", in: root, victim)
            #expect(throws: refusal) { try destination.commitState(of: Self.window) }
            try FileManager.default.removeItem(at: root.appendingPathComponent("a/x.ndjson"))
            try await destination.withLock(holder: "me", share: .whole) { try commit("rows", to: destination) }
            try FileManager.default.removeItem(at: root.appendingPathComponent("a/x.ndjson"))
            try await plant(kind, at: "a/x.ndjson", in: root, victim)
            #expect(throws: refusal) { try destination.commitState(of: Self.window) }
            #expect(throws: refusal) { try destination.openFile("a/x.ndjson") }
        }
    }

    @Test("a spool with another name is not written to, nor cut")
    func spool() async throws {
        try await withDestination { destination, root, victim in
            try await plant(.hardLink, at: "_agentsight/spool/2026-11-01", in: root, victim)
            #expect(throws: StoreError.obstructed(.hardLink, path: "\(root.path)/_agentsight/spool/2026-11-01")) {
                try destination.spooled(Self.window, fingerprint: "f")
            }
            // It is taken away, and another one made.
            _ = try destination.makeSpool(for: Self.window, fingerprint: "f").append([1], SpoolRecord(), at: 0)
        }
    }

    private func plant(_ kind: FileKind, at path: String, in root: URL, _ victim: Victim) async throws {
        let place = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        switch kind {
        case .file: try Data().write(to: place)
        case .folder: try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        case .link: try FileManager.default.createSymbolicLink(at: place, withDestinationURL: victim.file)
        case .hardLink: try FileManager.default.linkItem(at: victim.file, to: place)
        case .pipe: try #require(mknod(place.path, S_IFIFO | 0o600, 0) == 0)
        case .socket: try #require(mknod(place.path, S_IFSOCK | 0o600, 0) == 0)
        case .device: Issue.record("it takes root to make one")
        }
    }

    // MARK: Paths

    @Test(
        "a manifest that names what is not below the destination is none, and removes, writes and reads nothing there",
        arguments: ["../victim/inside", "a/../../victim/inside", "/etc/passwd", "_agentsight/lock", "", "a//x", "a/.", "a\0b"])
    func outside(path: String) async throws {
        try await withDestination { destination, root, _ in
            let windows = root.appendingPathComponent("_agentsight/windows")
            let staging = root.appendingPathComponent("_agentsight/staging/2026-11-01")
            for folder in [windows, staging] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            let evil = try StateFile.encode(manifest(["a/x.ndjson", path], content: "precious"))
            try Data(evil).write(to: windows.appendingPathComponent("2026-11-01.json"))
            #expect(try destination.commitState(of: Self.window) == .unreadable)
            #expect(try destination.manifest(ofWindow: "2026-11-01") == nil)
            #expect(try destination.size(ofFile: path) == nil)
            #expect(throws: StoreError.self) { try destination.openFile(path) }

            try Data(evil).write(to: staging.appendingPathComponent("manifest.json"))
            for index in ["0", "1"] { try Data("overwritten".utf8).write(to: staging.appendingPathComponent(index)) }
            try await destination.withLock(holder: "me", share: .whole) {
                #expect(!FileManager.default.fileExists(atPath: staging.path))
                try commit("rows", to: destination)
            }
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(), missing: nil))
        }
    }

    @Test("what a dead run is said to have staged is published only where it is what its manifest says")
    func otherContent() async throws {
        try await withDestination { destination, root, _ in
            try await destination.withLock(holder: "me", share: .whole) { try commit("rows", to: destination) }
            let staging = root.appendingPathComponent("_agentsight/staging/2026-11-01")
            try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
            try Data("lost".utf8).write(to: staging.appendingPathComponent("0"))
            let content = try StateFile.encode(manifest(content: "new rows"))
            try Data(content).write(to: staging.appendingPathComponent("manifest.json"))
            try await destination.withLock(holder: "me", share: .whole) {}
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(), missing: nil))
            #expect(!FileManager.default.fileExists(atPath: staging.path))
        }
    }

    @Test("what lies in the staging folder is removed whatever its names are, and a link there is removed alone")
    func names() async throws {
        try await withDestination { destination, root, victim in
            let folder = root.appendingPathComponent("_agentsight/staging/2026-11-01")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let open = try #require(try Folder.open(FilePath(folder.path)))
            for bytes: [UInt8] in [[0xFF], [0x61, 0xC3], [10], [0x2D], Array(repeating: 0x61, count: 255)] {
                try open.createFile(#require(FileName(bytes))).close()
            }
            try link("_agentsight/staging/2026-11-01/deeper/link", in: root, to: victim.folder)
            try await destination.withLock(holder: "me", share: .whole) {}
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    @Test(
        "a file that cannot be read is due again; a folder that cannot be looked at is told as what it is",
        .enabled(if: getuid() != 0, "root is refused nothing"))
    func modes() async throws {
        try await withDestination { destination, root, _ in
            try await destination.withLock(holder: "me", share: .whole) { try commit("rows", to: destination) }
            let (folder, file) = (root.appendingPathComponent("a").path, root.appendingPathComponent("a/x.ndjson").path)
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(), missing: "a/x.ndjson"))
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
            let denied = DeniedAccess(path: folder, isFolder: true, user: getuid(), group: getgid(), mode: 0, isOwn: true)
            #expect(throws: StoreError.denied(.open, path: folder, denied)) { try destination.commitState(of: Self.window) }
        }
    }
}
