import Foundation
import TestSupport

/// A destination that somebody has tampered with, beside a folder that nothing may touch.
struct HostileDestination: Sendable {
    let folder: TemporaryFolder
    /// The name of a run record.
    let run: String

    static let keys = ["2026-03-28", "2026-03-29"]
    /// In all that must not be shown.
    static let secret = "VICTIMS-CONTENT"

    var destination: URL { folder.url.appendingPathComponent("out") }
    var victims: URL { folder.url.appendingPathComponent("victim") }

    init(_ folder: TemporaryFolder) throws {
        self.folder = folder
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: folder.url.appendingPathComponent("out/_agentsight/runs").path)
        run = names?.sorted().first.map { String($0.dropLast(5)) } ?? "20260328T000000.000Z-00000000"
        try folder.write(Self.secret, to: "victim/file.txt")
        try folder.write(Self.secret, to: "victim/folder/inner.txt")
        try folder.write(Self.secret, to: "victim/folder/manifest.json")
        try folder.write(Self.secret, to: "victim/folder/0")
        let manifest = #"{"format":1,"pipeline":"\#(Self.secret)","files":[],"query":{},"requests":1,"run":"x"}"#
        try folder.write(StateText.sealed(manifest), to: "victim/manifest.json")
    }

    func key(_ random: inout SeededRandom) -> String { random.pick(Self.keys) }

    /// Does something to it by chance. Nil where what was drawn cannot be done.
    func damage(_ random: inout SeededRandom) throws -> Damage? {
        switch random.below(10) {
        case 0...3: try .node(&random, self)
        case 4: try .content(&random, self)
        case 5: try .spool(&random, self) ?? .value(&random, self)
        default: try .value(&random, self)
        }
    }

    // MARK: Files of it

    /// Whether something lies there, a link too.
    func isThere(_ url: URL) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: url.path)) != nil
    }

    func isFile(_ url: URL) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: url.path))?[.type] as? FileAttributeType == .typeRegular
    }

    /// Whether a folder can be made there without a way through a link; it is made.
    func isInside(_ url: URL) -> Bool {
        guard url.path.hasPrefix(destination.path) else { return false }
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        if let attributes {
            guard attributes[.type] as? FileAttributeType == .typeDirectory else { return false }
            return url.path == destination.path || isInside(url.deletingLastPathComponent())
        }
        guard isInside(url.deletingLastPathComponent()) else { return false }
        return (try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)) != nil
    }

    func names(in path: String) -> [String] {
        let url = destination.appendingPathComponent(path)
        guard isInside(url.deletingLastPathComponent()), isThere(url), isInside(url) else { return [] }
        return (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.sorted() ?? []
    }

    /// A file's content, by its path; nil where it is no file of its own, or too large to have been written by a run.
    func read(_ path: String) -> Data? {
        let url = destination.appendingPathComponent(path)
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        guard isInside(url.deletingLastPathComponent()), attributes?[.type] as? FileAttributeType == .typeRegular,
            attributes?[.size] as? Int ?? 0 < 64 << 20
        else { return nil }
        return try? Data(contentsOf: url)
    }

    /// Writes a file in the place of what is there.
    func write(_ bytes: [UInt8], to path: String) -> Bool {
        let url = destination.appendingPathComponent(path)
        guard isInside(url.deletingLastPathComponent()) else { return false }
        try? FileManager.default.removeItem(at: url)
        return (try? Data(bytes).write(to: url)) != nil
    }

    // MARK: What must not change

    /// All that lies beside the destination: what it is, which one, how large, of when, and its content.
    func surroundings() throws -> [String: String] {
        var found: [String: String] = [:]
        let top = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0 != "out" }
        let below = try FileManager.default.subpathsOfDirectory(atPath: victims.path).map { "victim/\($0)" }
        for path in top + below {
            var status = stat()
            let url = folder.url.appendingPathComponent(path)
            guard lstat(url.path, &status) == 0 else { continue }
            let content = status.st_mode & S_IFMT == S_IFREG ? try Data(contentsOf: url).base64EncodedString() : ""
            found[path] =
                "\(status.st_mode) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(content)"
        }
        return found
    }
}
