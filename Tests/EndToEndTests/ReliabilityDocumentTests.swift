import Foundation
import Testing

/// `docs/reliability.md` says of each fault which test shows what the tool does.
@Suite struct ReliabilityDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct Suite {
        let text: Substring

        var tests: Set<Substring> {
            Set(text.split(separator: "@Test").dropFirst().compactMap { $0.firstMatch(of: /func (\w+)\(/)?.output.1 })
        }
    }

    private static func suites() throws -> [Substring: Suite] {
        let tests = root.appendingPathComponent("Tests")
        let paths = FileManager.default.enumerator(atPath: tests.path)?.compactMap { $0 as? String } ?? []
        var suites: [Substring: Suite] = [:]
        for path in paths where path.hasSuffix(".swift") {
            let text = try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
            // A suite goes on to the next one; extensions lie in the same file.
            let starts = text.matches(of: /@Suite[^\n]*\s+struct (\w+)/)
            for (index, start) in starts.enumerated() {
                let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : text.endIndex
                suites[start.output.1] = Suite(text: text[start.range.lowerBound..<end])
            }
        }
        return suites
    }

    @Test("every row names tests that exist")
    func rows() throws {
        let document = try String(contentsOf: Self.root.appendingPathComponent("docs/reliability.md"), encoding: .utf8)
        let suites = try Self.suites()
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains(" | ") }
            .map { $0.split(separator: " | ", omittingEmptySubsequences: false) }
            .filter { $0.count == 3 && $0[2] != "shown by |" && $0[2] != "--- |" }
        #expect(rows.count > 60)
        for row in rows {
            let tests = row[2].matches(of: /`(\w+)\/(\w+)`/)
            #expect(!tests.isEmpty, "no test is named: \(row[0])")
            for test in tests {
                let suite = try #require(suites[test.output.1], "there is no \(test.output.1)")
                #expect(suite.tests.contains(test.output.2), "\(test.output.1) has no test \(test.output.2)")
            }
            // Troubles that one test goes through.
            let named = tests.compactMap { suites[$0.output.1]?.text }
            for trouble in row[2].matches(of: /“([^”]*)”/) {
                #expect(named.contains { $0.contains("\"\(trouble.output.1)\"") }, "no test tries “\(trouble.output.1)”")
            }
        }
    }
}
