import Foundation
import Testing

@testable import ExportLoad

@Suite struct RowFileTests {
    @Test("files of loads that were killed are removed, and those of loads at work and of others are not")
    func leftovers() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rows-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["agentsight-rows-12.csv", "agentsight-rows-mine.csv", "rows.csv"] {
            try Data("secret".utf8).write(to: folder.appendingPathComponent(name))
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("agentsight-rows-13.csv").path, withDestinationPath: "rows.csv")
        let file = try RowFile(in: folder.path)
        try file.write(Array("rows".utf8))
        RowFile.removeLeftovers(in: folder.path)
        let own = URL(fileURLWithPath: file.path).lastPathComponent
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == ["agentsight-rows-13.csv", "agentsight-rows-mine.csv", "rows.csv", own].sorted())
        file.remove()
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }
}
