import ExportCore
import Foundation
import TestSupport
import Testing

@testable import ExportStore

@Suite struct FileInventoryTests {
    private func manifest(_ key: String, _ paths: [String]) -> Manifest {
        .sample(
            Window(key: key, range: TimeRange(start: nil, end: Instant(seconds: 1)), paths: paths),
            files: paths.map { .sample($0) })
    }

    @Test("files that no manifest names and files that two name are found, in however many passes", arguments: [1, 2, 7, 100])
    func passes(passes: Int) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("census-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        func write(_ content: Data, _ path: String) throws {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
        }
        // é in one letter and in two: two files.
        let named = (0..<39).map { "a/\($0 % 5)/file-\($0)" } + ["b/\u{E9}"]
        for (key, paths) in [("1", Array(named[..<25])), ("2", Array(named[20...]))] {
            try write(Data(StateFile.encode(manifest(key, paths))), "_agentsight/windows/\(key).json")
        }
        let strange = ["x", "a/x", "a/0/file-1", "b/e\u{301}", ".hidden", "a/_agentsight"]
        for path in named + strange { try write(Data(), path) }
        // A link that leads back up: a file of its own, and not gone through.
        try FileManager.default.createSymbolicLink(
            at: root.appendingPathComponent("a/up"), withDestinationURL: root.appendingPathComponent("a"))

        // By bytes: é in one letter equals é in two, as text.
        var findings: [[UInt8]] = []
        try await FileInventory(of: FolderDestination(path: root.path), windowKeys: ["1", "2"], passes: passes).run { finding in
            switch finding {
            case .unlisted(let path): findings.append(Array("strange \(path)".utf8))
            case .shared(let path, let window): findings.append(Array("shared \(path) \(window)".utf8))
            case .unreadable(let path, let reason): Issue.record("\(path): \(reason)")
            }
        }
        let expected =
            (strange + ["a/up"]).map { Array("strange \($0)".utf8) } + named[20..<25].map { Array("shared \($0) 2".utf8) }
        #expect(findings.count == expected.count)
        #expect(Set(findings) == Set(expected))
    }
}
