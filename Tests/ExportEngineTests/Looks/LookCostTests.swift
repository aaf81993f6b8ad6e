import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Testing

@testable import ExportEngine

/// What looks and patches cost, in requests and bytes, beside exporting all again.
///
/// `AGENTSIGHT_LOOK_ROWS` says over how many conversations, 500 a day; then the figures are printed as a table.
@Suite struct LookCostTests {
    private struct Cost {
        let requests: Int
        let bytes: Int
    }

    private enum Way: String, CaseIterable {
        case counts = "`counts`, windows that differ exported"
        case pages = "`lean`, by pages, patched"
        case lists = "`lean`, unpaginated lists, patched"
    }

    private static let wanted = ProcessInfo.processInfo.environment["AGENTSIGHT_LOOK_ROWS"].flatMap(Int.init)

    @Test("nothing changed, 0.5 % of the rows here and there, or side by side: less than exporting all again, by far")
    func costs() async throws {
        let rows = Self.wanted ?? 2000
        let (days, pageSize) = Self.wanted == nil ? (16, 25) : (rows / 500, 100)
        try await JobBench.with(rows: rows, days: days, minimumRowBytes: 7000) { bench in
            var plan = bench.plan(days: days + 4)
            plan.fetch.pageSize = pageSize
            let first = try await cost(bench, plan, into: bench.folder)
            // Counts are believed where they agreed.
            var looked = plan
            looked.fetch.unpaginated = .never
            looked.windowing.refresh = [RefreshTier(look: .counts)]
            _ = try await cost(bench, looked, into: bench.folder)
            let unmarked = try bench.service.matchingIDs([
                .init(name: "is_marked", value: "false"), .init(name: "ordering", value: "started_at"),
            ])
            let spread = stride(from: 100, to: unmarked.count, by: 200).map { unmarked[$0] }
            let middle = unmarked.count / 2
            let clustered = Array(unmarked[middle..<middle + spread.count])
            var table = "| changed | way | requests | of all | MB | of all |\n| --- | --- | --- | --- | --- | --- |\n"
            for (name, ids) in [("nothing", []), ("0.5 %, spread", spread), ("0.5 %, side by side", clustered)] {
                for id in ids { bench.service.mutate(.setMarked(id: id, true)) }
                for way in Way.allCases {
                    let copy = FolderDestination(path: "\(bench.folder.name)-\(UUID().uuidString)")
                    defer { try? FileManager.default.removeItem(atPath: copy.name) }
                    try FileManager.default.copyItem(atPath: bench.folder.name, toPath: copy.name)
                    var refreshed = plan
                    refreshed.fetch.unpaginated = way == .lists ? .lean : .never
                    refreshed.windowing.refresh = [RefreshTier(look: way == .counts ? .counts : .lean)]
                    let found = try await cost(bench, refreshed, into: copy)
                    table += "| \(name) | \(way.rawValue) | \(found.requests) | \(percent(found.requests, first.requests)) | "
                    table += "\(Double(found.bytes / 10_000) / 100) | \(percent(found.bytes, first.bytes)) |\n"
                    let isCounted = way == .counts && name == "0.5 %, spread"
                    #expect(isCounted || found.bytes * 7 <= first.bytes, "\(name), \(way.rawValue): \(found)")
                    #expect(way != .lists || found.requests <= first.requests, "\(name): \(found), \(first)")
                    #expect(way != .counts || name != "nothing" || found.requests <= 16, "\(found)")
                }
                for id in ids { bench.service.mutate(.setMarked(id: id, false)) }
            }
            if Self.wanted != nil {
                print("all: \(first.requests) requests, \(first.bytes / 1_000_000) MB, \(rows) rows, \(plan.windows.count) windows")
                print(table)
            }
        }
    }

    private func percent(_ part: Int, _ whole: Int) -> String { "\(Double(part * 1000 / max(1, whole)) / 10) %" }

    private func cost(_ bench: JobBench, _ plan: ExportPlan, into folder: FolderDestination) async throws -> Cost {
        let before = bench.service.statistics
        let result = try await bench.run(UUID().uuidString, plan, in: folder)
        #expect(result.record.exitCode == 0, "\(result.record.reason ?? "")")
        let after = bench.service.statistics
        return Cost(requests: after.requests - before.requests, bytes: after.bodyBytes - before.bodyBytes)
    }
}
