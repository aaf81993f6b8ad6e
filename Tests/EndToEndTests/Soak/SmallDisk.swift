import Foundation
import Subprocess
import SystemPackage
import Testing

/// A file system of its own, which can be filled to the last byte and turned read-only.
struct SmallDisk: Sendable {
    let folder: TemporaryFolder
    /// Where it is mounted, below the folder.
    static let name = "disk"

    fileprivate var root: String { folder.url.appendingPathComponent(Self.name).path }
    private var ballast: String { root + "/ballast" }

    /// Whether disks can be mounted here.
    static func isAvailable() async throws -> Bool {
        try await TemporaryFolder.withDisk { _, disk in disk != nil }
    }

    /// Leaves so many bytes free, to a page.
    func fill(leaving room: Int) throws {
        let free = try FileManager.default.attributesOfFileSystem(forPath: root)[.systemFreeSize] as? Int ?? 0
        try Data(count: max(free - room, 0)).write(to: URL(fileURLWithPath: ballast))
    }

    func empty() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }

    /// Puts the disk itself, read-only, in its own place: nothing can be made, renamed or removed any more. (A disk on which files
    /// are open for writing cannot be mounted anew.)
    func turnReadOnly() async {
        #expect(
            await Self.shell(
                """
                mkdir -p "$1.ro" && mount --bind "$1" "$1.ro" && mount -o remount,bind,ro "$1.ro" && mount --move "$1.ro" "$1"
                """, root))
    }

    func turnWritable() async {
        #expect(await Self.shell("umount -l \"$1\"", root))
    }

    /// Whether a script of the shell ends well.
    fileprivate static func shell(_ script: String, _ argument: String) async -> Bool {
        let result = try? await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script, "sh", argument], output: .discarded, error: .discarded)
        return result?.terminationStatus == .exited(0)
    }
}

extension TemporaryFolder {
    /// Makes a folder with a disk in it; without one where this machine lets nobody mount any, which takes root.
    static func withDisk<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TemporaryFolder, SmallDisk?) async throws -> Result
    ) async throws -> Result {
        try await with { folder in
            let disk = SmallDisk(folder: folder)
            try FileManager.default.createDirectory(atPath: disk.root, withIntermediateDirectories: true)
            guard await SmallDisk.shell("mount -t tmpfs -o size=64m,mode=755 none \"$1\"", disk.root) else {
                return try await body(folder, nil)
            }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(folder, disk)) } catch { result = .failure(error) }
            #expect(await SmallDisk.shell("umount -l \"$1\"", disk.root))
            return try result.get()
        }
    }
}
