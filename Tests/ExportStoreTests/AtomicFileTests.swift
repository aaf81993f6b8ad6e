import Foundation
import SystemPackage
import Testing

@testable import ExportStore

/// Files that are written beside others, and files that nobody else is to see.
@Suite struct AtomicFileTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("replacement-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    private func permissions(_ file: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    }

    @Test("a file takes the place of another whole, with its permissions, and leaves nothing beside it")
    func replaced() throws {
        try withFolder { folder in
            let file = folder.appendingPathComponent("f")
            try AtomicFile.write(Array("one".utf8), to: file.path)
            #expect(try text(file) == "one" && names(folder) == ["f"])
            for mode in [0o600, 0o664, 0o644] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
                try AtomicFile.write(Array("two".utf8), to: file.path)
                #expect(try text(file) == "two" && permissions(file) == mode)
            }
            try AtomicFile.write(Array("three".utf8), to: file.path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
            #expect(try permissions(file) == 0o644)
            #expect(try names(folder) == ["f"])
        }
    }

    @Test(
        "where the path is a link, the file that it names is replaced, and the link stays",
        arguments: ["real", "deep/real", "chain", "absent"])
    func link(target: String) throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(at: folder.appendingPathComponent("deep"), withIntermediateDirectories: true)
            for name in ["real", "deep/real"] { try Data("old".utf8).write(to: folder.appendingPathComponent(name)) }
            let (link, chain) = (folder.appendingPathComponent("link"), folder.appendingPathComponent("chain"))
            try FileManager.default.createSymbolicLink(atPath: chain.path, withDestinationPath: "deep/../deep/real")
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: target)
            try AtomicFile.write(Array("new".utf8), to: link.path)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == target)
            #expect(try text(folder.appendingPathComponent(target)) == "new")
            #expect(try names(folder).filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test("links that lead round in a ring, folders, pipes, and folders that are not there are refused, and stay as they are")
    func refused() throws {
        try withFolder { folder in
            let path = { (name: String) in folder.appendingPathComponent(name).path }
            try FileManager.default.createSymbolicLink(atPath: path("ring"), withDestinationPath: "ring")
            try FileManager.default.createDirectory(atPath: path("folder"), withIntermediateDirectories: false)
            try #require(mknod(path("pipe"), S_IFIFO | 0o600, 0) == 0)
            try FileManager.default.createSymbolicLink(atPath: path("to-pipe"), withDestinationPath: "pipe")
            let refusals: [(String, StoreError)] = [
                ("ring", .system(.open, path: path("ring"), .tooManySymbolicLinkLevels)),
                ("folder", .aFolder(path: path("folder"))), ("pipe", .notAFile(path: path("pipe"))),
                ("to-pipe", .notAFile(path: path("to-pipe"))), ("absent/f", .noFolder(path: path("absent"))),
            ]
            for (name, refusal) in refusals {
                #expect(throws: refusal) { try AtomicFile.check(path(name)) }
                #expect(throws: refusal) { try AtomicFile.write([1], to: path(name)) }
                #expect(throws: refusal) { try AtomicFile.text(of: path(name)) }
            }
            #expect(try names(folder) == ["folder", "pipe", "ring", "to-pipe"])
        }
    }

    @Test("until it is whole a file has no name, or one that nobody can guess, and what was planted under a name stays as it is")
    func underWay() throws {
        try withFolder { folder in
            let file = folder.appendingPathComponent("f")
            try Data("old".utf8).write(to: file)
            let replacement = try AtomicFile(of: FilePath(file.path))
            var output = try replacement.output()
            try output.write(Array("new".utf8))
            #expect(try text(file) == "old" && names(folder) == ["f"])
            _ = try output.finish()
            replacement.discard()
            #expect(try text(file) == "old" && names(folder) == ["f"])
        }
    }

    @Test("a temporary file is its user's alone from the first moment, with a name or without", arguments: [true, false])
    func temporary(mayBeUnnamed: Bool) throws {
        try withFolder { folder in
            let open = try #require(try Folder.open(FilePath(folder.path)))
            let before = umask(0)
            defer { umask(before) }
            let file = try TemporaryFile(in: open, mayBeUnnamed: mayBeUnnamed)
            defer { try? file.descriptor.close() }
            #expect(try file.descriptor.stat().permissions == [.ownerReadWrite])
            #expect(try names(folder).count == (file.name == nil ? 0 : 1))
            if !mayBeUnnamed { #expect(file.name != nil) }
            _ = try file.descriptor.writeAll(Array("rows".utf8))
            let name = try file.named(in: open)
            #expect(try text(folder.appendingPathComponent(name.string)) == "rows")

            let nameless = try TemporaryFile.nameless(in: open, mayBeUnnamed: mayBeUnnamed)
            defer { try? nameless.close() }
            #expect(try nameless.stat().linkCount == 0 && nameless.stat().permissions == [.ownerReadWrite])
        }
    }

    @Test("a new file is written only under a name that nothing has, not even a link that leads nowhere")
    func new() throws {
        try withFolder { folder in
            let path = { (name: String) in folder.appendingPathComponent(name).path }
            try NewFile.write(Array("text".utf8), to: path("f"))
            #expect(try text(folder.appendingPathComponent("f")) == "text")
            try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "absent")
            for name in ["f", "link"] {
                #expect(throws: StoreError.system(.create, path: path(name), .fileExists)) {
                    try NewFile.write([1], to: path(name))
                }
            }
            #expect(try names(folder) == ["f", "link"])
            #expect(try text(folder.appendingPathComponent("f")) == "text")
        }
    }
}
