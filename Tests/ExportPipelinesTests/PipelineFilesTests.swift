import ExportCore
import ExportPipelines
import Foundation
import Testing

@Suite struct PipelineFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../pipelines").standardized

    private func load(_ name: String) throws -> ExportPlan {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        return try plan(text, file: "pipelines/\(name)")
    }

    @Test("every file in pipelines/ loads and says what it is for")
    func all() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).filter { $0.hasSuffix(".yml") }
        #expect(
            names.sorted() == [
                "agents.yml", "backfill.yml", "csv-for-analysts.yml", "demo.yml", "filtered-dump.yml", "nightly.yml",
                "warehouse.yml",
            ])
        for name in names {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(text.hasPrefix("# "), "\(name)")
            #expect(try !load(name).windows.isEmpty, "\(name)")
        }
    }

    @Test("the demo exports the fourteen days around the change of clocks, as ndjson and csv")
    func demo() throws {
        let plan = try load("demo.yml")
        #expect(plan.windows.count == 14)
        #expect(plan.windows.first?.key == "2026-03-23" && plan.windows.last?.key == "2026-04-05")
        #expect(plan.windows.first { $0.key == "2026-03-29" }?.range.length == .seconds(23 * 3600))
        #expect(plan.outputs.map(\.format) == [.ndjson, .csv])
        #expect(plan.destination == .folder("demo-export"))
    }

    @Test("the nightly pipeline ends with yesterday and looks back three days")
    func nightly() throws {
        let plan = try load("nightly.yml")
        #expect(plan.windows.last?.key == "2026-11-02")
        #expect(plan.windowing.again == .endingAfter(try at("2026-10-31T10:20:30Z")))
    }

    @Test("the backfill is twenty-four months, the dump one file, the analysts' tables two a week")
    func others() throws {
        #expect(try load("backfill.yml").windows.count == 24)
        #expect(try load("filtered-dump.yml").windows.map(\.paths) == [["negative-feedback.ndjson.gz"]])
        #expect(try load("csv-for-analysts.yml").windows.allSatisfy { $0.paths.count == 2 })
    }
}
