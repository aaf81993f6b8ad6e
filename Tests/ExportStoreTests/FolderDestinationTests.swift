import Crypto
import ExportCore
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import ExportStore

@Suite struct FolderDestinationTests {
    private static let window = Window(
        key: "2026-11-01", range: TimeRange(start: Instant(seconds: 0), end: Instant(seconds: 86_400)),
        paths: ["a/x.ndjson", "b/x.csv"])

    private func manifest(_ contents: [String], paths: [String] = window.paths) -> Manifest {
        .sample(Self.window, files: zip(paths, contents).map { .sample($0, content: $1) })
    }

    private func withFolder(_ body: (FolderDestination, URL) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try await body(FolderDestination(path: root.path), root)
    }

    private func stage(_ contents: [String], in destination: FolderDestination) throws {
        for (index, content) in contents.enumerated() {
            var file = try destination.makeFile(index, of: Self.window)
            try file.write(Array(content.utf8))
            #expect(try file.finish().bytes == content.utf8.count)
        }
    }

    private func read(_ root: URL) throws -> [String: String] {
        var files: [String: String] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init() {
            let file = root.appendingPathComponent(path)
            if !file.hasDirectoryPath, let content = FileManager.default.contents(atPath: file.path) {
                files[path] = String(decoding: content, as: UTF8.self)
            }
        }
        return files
    }

    @Test("a commit puts the files and the manifest in place, and leaves nothing else")
    func commit() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                #expect(try destination.commitState(of: Self.window) == .nothing)
                try stage(["one", "two"], in: destination)
                #expect(try destination.commitState(of: Self.window) == .nothing)
                try destination.commit(manifest(["one", "two"]), columns: nil)
            }
            let files = try read(root)
            #expect(files.keys.sorted() == ["_agentsight/windows/2026-11-01.json", "a/x.ndjson", "b/x.csv"])
            #expect(files["a/x.ndjson"] == "one")
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(["one", "two"]), missing: nil))
        }
    }

    @Test("a run of a part clears up after its own windows, and leaves those that another part is at alone")
    func parts() async throws {
        try await withFolder { destination, root in
            let mine = Share.units([Self.window.key]), theirs = Share.units(["2026-11-02"])
            try await destination.withLock(holder: "theirs", share: theirs) {
                let other = Window(key: "2026-11-02", range: Self.window.range, paths: ["c"])
                _ = try destination.makeFile(0, of: other).finish()
                _ = try destination.makeSpool(for: other, fingerprint: "f")
                // As one that died leaves it.
                try stage(["one", "two"], in: destination)
                try await destination.withLock(holder: "mine", share: mine) {}
                let files = try read(root).keys
                #expect(files.contains("_agentsight/staging/2026-11-02/0") && files.contains("_agentsight/spool/2026-11-02"))
                #expect(!files.contains("_agentsight/staging/\(Self.window.key)/0"))
                await #expect(throws: StoreError.locked(path: root.path, holder: "theirs")) {
                    try await destination.withLock(holder: "another", share: .whole) {}
                }
                let holders = try destination.lockHolders().map(\.holder)
                #expect(holders == ["theirs"])
            }
            try await destination.withLock(holder: "all", share: .whole) {}
            #expect(try read(root).keys.filter { $0.contains("staging") || $0.contains("lock") } == [])
        }
    }

    @Test("an old window's files are replaced, and those that the new one does not have are removed")
    func replace() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one", "two"], in: destination)
                try destination.commit(manifest(["one", "two"]), columns: nil)
                try stage(["new"], in: destination)
                try destination.commit(manifest(["new"]), columns: nil)
            }
            let files = try read(root)
            #expect(files["a/x.ndjson"] == "new")
            #expect(files["b/x.csv"] == nil)
        }
    }

    @Test(
        "a run that died before its manifest was staged leaves nothing; one that died after it is completed",
        arguments: [false, true])
    func recovery(isDecided: Bool) async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one", "two"], in: destination)
                try destination.commit(manifest(["one", "two"]), columns: nil)
            }
            #expect(try await destination.stagedWindowKeys() == [])
            // As a killed process leaves it: staged, one file moved already.
            let staging = root.appendingPathComponent("_agentsight/staging/2026-11-01")
            try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
            try Data("TWO".utf8).write(to: staging.appendingPathComponent("1"))
            if isDecided {
                try Data("ONE".utf8).write(to: root.appendingPathComponent("a/x.ndjson"))
                try JSONEncoder().encode(manifest(["ONE", "TWO"])).write(to: staging.appendingPathComponent("manifest.json"))
            }
            #expect(try await destination.stagedWindowKeys() == (isDecided ? [Self.window.key] : []))
            try await destination.withLock(holder: "me", share: .whole) {}
            let files = try read(root)
            #expect(files["a/x.ndjson"] == (isDecided ? "ONE" : "one"))
            #expect(files["b/x.csv"] == (isDecided ? "TWO" : "two"))
            #expect(!files.keys.contains { $0.hasPrefix("_agentsight/staging") })
            #expect(
                try destination.commitState(of: Self.window)
                    == .manifest(manifest(isDecided ? ["ONE", "TWO"] : ["one", "two"]), missing: nil))
        }
    }

    @Test("a commit that fails half-way is completed by the next run, and no part of it is thrown away")
    func halfWay() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                // A folder in the way of the second file.
                try FileManager.default.createDirectory(
                    at: root.appendingPathComponent("b/x.csv/inside"), withIntermediateDirectories: true)
                try stage(["one", "two"], in: destination)
                #expect(throws: StoreError.self) { try destination.commit(manifest(["one", "two"]), columns: nil) }
                try destination.discard(Self.window, keepingRows: false)
            }
            // The end of the run does not complete what it had failed at.
            #expect(try read(root).keys.contains("_agentsight/staging/\(Self.window.key)/1"))
            #expect(throws: StoreError.obstructed(.folder, path: "\(root.path)/b/x.csv")) {
                try destination.commitState(of: Self.window)
            }
            try FileManager.default.removeItem(at: root.appendingPathComponent("b/x.csv"))
            #expect(try destination.commitState(of: Self.window) == .nothing)
            try await destination.withLock(holder: "me", share: .whole) {}
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(["one", "two"]), missing: nil))
            #expect(try read(root).keys.sorted() == ["_agentsight/windows/2026-11-01.json", "a/x.ndjson", "b/x.csv"])
        }
    }

    @Test("the files of a window that fails are gone at once, and not only at the end of the run")
    func failed() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one", "two"], in: destination)
                try destination.discard(Self.window, keepingRows: true)
                #expect(try read(root).keys.sorted() == ["_agentsight/lock"])
            }
        }
    }

    @Test("windows of another length, and those of another pipeline, are not mixed with new ones")
    func otherDeclarations() async throws {
        try await withFolder { destination, _ in
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one"], in: destination)
                try destination.commit(manifest(["one"]), columns: nil)
            }
            try await destination.check(pipeline: "p", every: .day)
            await #expect(throws: StoreError.self) { try await destination.check(pipeline: "q", every: .day) }
            for every in WindowLength.allCases where every != .day {
                await #expect(throws: StoreError.self) { try await destination.check(pipeline: "p", every: every) }
            }
        }
    }

    @Test("a second holder is refused, with the first one named; after it ends the way is free")
    func lock() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "process 1", share: .whole) {
                do {
                    try await destination.withLock(holder: "process 2", share: .whole) { () -> Void in Issue.record("held twice") }
                } catch let error as StoreError {
                    #expect(error == .locked(path: root.path, holder: "process 1"))
                    #expect(error.description.contains("process 1"))
                }
            }
            try await destination.withLock(holder: "process 3", share: .whole) {}
            #expect(!FileManager.default.fileExists(atPath: root.path), "a run that did nothing leaves no folder")
        }
    }

    @Test("however many take and leave the lock at the same time, only one holds it")
    func contention() async throws {
        try await withFolder { _, root in
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            let folder = try #require(try Folder.open(FilePath(root.path)))
            let path = root.appendingPathComponent("lock").path
            let counts = Counts()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        for _ in 0..<1000 {
                            let claim = FolderLock.Claim(holder: "\(number)")
                            guard let lock = try? await FolderLock.take("lock", in: folder, destination: "x", claim) else {
                                continue
                            }
                            #expect(counts.holders.add(1, ordering: .sequentiallyConsistent).oldValue == 0)
                            #expect(FileManager.default.fileExists(atPath: path), "the lock is on a file that nobody sees")
                            counts.held.add(1, ordering: .sequentiallyConsistent)
                            counts.holders.subtract(1, ordering: .sequentiallyConsistent)
                            lock.release()
                        }
                    }
                }
            }
            #expect(counts.held.load(ordering: .sequentiallyConsistent) > 100)
        }
    }

    private final class Counts: Sendable {
        let holders = Atomic(0)
        let held = Atomic(0)
    }

    @Test("a lock file that a dead process left does not lock: the next run holds the lock under its own name, and gives it back")
    func deadLock() async throws {
        try await withFolder { destination, root in
            let state = root.appendingPathComponent("_agentsight")
            let lock = state.appendingPathComponent("lock")
            try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
            try Data("process 99999999 of long ago\n".utf8).write(to: lock)
            try await destination.withLock(holder: "me", share: .whole) {
                let content = try String(contentsOf: lock, encoding: .utf8)
                #expect(content == "me\n")
                let locked = StoreError.locked(path: root.path, holder: "me")
                await #expect(throws: locked) { try await destination.withLock(holder: "another", share: .whole) {} }
            }
            #expect(!FileManager.default.fileExists(atPath: lock.path))
        }
    }

    @Test("a manifest that cannot be read, and a file of another size, are told apart from what stands")
    func standing() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one", "two"], in: destination)
                try destination.commit(manifest(["one", "two"]), columns: nil)
            }
            try Data("twenty".utf8).write(to: root.appendingPathComponent("b/x.csv"))
            #expect(try destination.commitState(of: Self.window) == .manifest(manifest(["one", "two"]), missing: "b/x.csv"))
            try Data("{".utf8).write(to: root.appendingPathComponent("_agentsight/windows/2026-11-01.json"))
            #expect(try destination.commitState(of: Self.window) == .unreadable)
        }
    }

    @Test("columns that were discovered are kept with the window that brought them; a file that is no catalog is not written over")
    func columns() async throws {
        try await withFolder { destination, root in
            var catalog = ColumnCatalog()
            catalog.add(
                [DiscoveredKey(path: ["metadata", "b"], kinds: .string), DiscoveredKey(path: ["metadata", "a"])],
                window: "2026-11-01")
            try await destination.withLock(holder: "me", share: .whole) {
                try stage(["one"], in: destination)
                try destination.commit(manifest(["one"]), columns: catalog)
            }
            #expect(try destination.columns() == catalog)
            #expect(catalog.columns.map(\.name) == ["metadata__a", "metadata__b"])
            try Data("[]".utf8).write(to: root.appendingPathComponent("_agentsight/columns.json"))
            #expect(throws: StoreError.self) { try destination.columns() }
        }
    }

    private static let declarations = [
        LockDeclaration(pipeline: "p", every: .day), LockDeclaration(pipeline: "q", every: .day),
        LockDeclaration(pipeline: "p", every: .hour),
    ]

    @Test(
        "a run of another declaration is refused beside one that is at work, though their shares are others, and nothing stands there yet"
    )
    func otherRun() async throws {
        let shares: [Share] = [.shard(0, of: 2), .shard(1, of: 2), .units(["a"]), .units(["b"])]
        let (mine, others) = (Self.declarations[0], Self.declarations.dropFirst())
        try await withFolder { destination, root in
            for share in shares {
                try await destination.withLock(holder: "mine", share: share, for: mine) {
                    for other in shares where !other.overlaps(share) {
                        for declaration in others {
                            let error = StoreError.otherRun(path: root.path, pipeline: "p", every: "day")
                            await #expect(throws: error) {
                                try await destination.withLock(holder: "other", share: other, for: declaration) {}
                            }
                        }
                        try await destination.withLock(holder: "same", share: other, for: mine) {}
                        // Of one that clears up it does not matter.
                        try await destination.withLock(holder: "same", share: other) {}
                    }
                }
            }
            // Nor of one that has ended, or died.
            try Data("dead\ndeclaration day p\n".utf8).write(to: root.appendingPathComponent("_agentsight/lock.shard-0-of-2"))
            try await destination.withLock(holder: "other", share: shares[1], for: Self.declarations[1]) {}
        }
    }

    @Test("of runs of two declarations that begin at once, those of one alone are let in")
    func declarationsAtOnce() async throws {
        try await withFolder { destination, _ in
            for _ in 0..<20 {
                let atWork = AtWork()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<4 {
                        let declaration = index % 2
                        group.addTask {
                            do {
                                try await destination.withLock(
                                    holder: "run \(index)", share: .shard(index, of: 4), for: Self.declarations[declaration]
                                ) {
                                    atWork.counts.withLock {
                                        $0[declaration] += 1
                                        #expect($0[1 - declaration] == 0)
                                    }
                                    for _ in 0..<20 { await Task.yield() }
                                    atWork.counts.withLock { $0[declaration] -= 1 }
                                }
                            } catch StoreError.otherRun {}
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    /// Runs of each declaration.
    private final class AtWork: Sendable {
        let counts = Mutex([0, 0])
    }

    @Test("what a lock says is read back, with units and without; one that is larger than any says nothing")
    func claims() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("claim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let folder = try #require(try Folder.open(FilePath(root.path)))
        let file = root.appendingPathComponent("lock")
        for declaration in Self.declarations + [nil] {
            for units in [[], ["2026-11-01", "eu@2026-11-01T05"]] {
                let claim = FolderLock.Claim(holder: "process 1 on a, run r", units: units, declaration: declaration)
                try Data(claim.content.utf8).write(to: file)
                let found = try #require(try FolderLock.claim("lock", in: folder))
                #expect(found.holder == claim.holder && found.units == units && found.declaration == declaration)
            }
        }
        // As an older version writes it.
        #expect(FolderLock.Claim("process 1\n2026-11-01\n")?.units == ["2026-11-01"])
        #expect(FolderLock.Claim("process 1\n2026-11-01\n")?.declaration == nil)
        try Data(repeating: UInt8(ascii: "a"), count: (4 << 20) + 1).write(to: file)
        #expect(try FolderLock.claim("lock", in: folder) == nil)
    }

    @Test("a manifest of a newer version is refused and left as it is, where it stands and where it was staged")
    func newerManifest() async throws {
        try await withFolder { destination, root in
            var newer = manifest(["one", "two"])
            newer.format = 2
            let content = try Data(StateFile.encode(newer))
            let places = ["windows/2026-11-01.json", "staging/2026-11-01/manifest.json"].map {
                root.appendingPathComponent("_agentsight/\($0)")
            }
            for place in places {
                try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
                try content.write(to: place)
            }
            let error = StoreError.newerFormat(path: places[0].path, 2)
            #expect(throws: error) { try destination.commitState(of: Self.window) }
            #expect(throws: error) { try destination.manifest(ofWindow: Self.window.key) }
            #expect(try await destination.readableManifest(ofWindow: Self.window.key) == nil)
            await #expect(throws: error) { try await destination.check(pipeline: "p", every: .day) }
            await #expect(throws: StoreError.newerFormat(path: places[1].path, 2)) {
                try await destination.withLock(holder: "me", share: .whole) {}
            }
            #expect(try places.map { try Data(contentsOf: $0) } == [content, content])
        }
    }

    @Test("a manifest whose paths lead elsewhere is a damaged one, and nothing is removed where they lead")
    func climbingManifest() async throws {
        try await withFolder { destination, root in
            let victim = root.deletingLastPathComponent().appendingPathComponent("victim-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: victim) }
            try Data("victim".utf8).write(to: victim)
            let paths = ["../\(victim.lastPathComponent)", "a/x.ndjson"]
            try await destination.withLock(holder: "me", share: .whole) {
                let place = root.appendingPathComponent("_agentsight/windows/2026-11-01.json")
                try Data(StateFile.encode(manifest(["victim", "two"], paths: paths))).write(to: place)
                #expect(try destination.commitState(of: Self.window) == .unreadable)
                try stage(["one", "two"], in: destination)
                try destination.commit(manifest(["one", "two"]), columns: nil)
            }
            let staged = root.appendingPathComponent("_agentsight/staging/2026-11-01")
            try FileManager.default.createDirectory(at: staged, withIntermediateDirectories: true)
            try Data("other".utf8).write(to: staged.appendingPathComponent("0"))
            try Data(StateFile.encode(manifest(["other"], paths: paths))).write(to: staged.appendingPathComponent("manifest.json"))
            try await destination.withLock(holder: "me", share: .whole) {}
            #expect(try Data(contentsOf: victim) == Data("victim".utf8))
            #expect(try read(root).keys.sorted() == ["_agentsight/windows/2026-11-01.json", "a/x.ndjson", "b/x.csv"])
        }
    }

    @Test("a file whose new path only looks like its old one is another file: the old one goes")
    func lookalikes() async throws {
        try await withFolder { destination, root in
            try await destination.withLock(holder: "me", share: .whole) {
                for (path, content) in [("caf\u{E9}/x", "one"), ("cafe\u{301}/x", "two")] {
                    try stage([content], in: destination)
                    var manifest = manifest([content], paths: [path])
                    manifest.fingerprint = "sha256:\(content)"
                    try destination.commit(manifest, columns: nil)
                }
            }
            let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
            let files = paths.filter { $0.hasSuffix("/x") }
            #expect(files.count == 1 && files.allSatisfy { $0.utf8.elementsEqual("cafe\u{301}/x".utf8) }, "\(files)")
        }
    }
}
