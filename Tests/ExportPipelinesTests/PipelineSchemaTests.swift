import ExportCore
import Foundation
import Testing

@testable import ExportPipelines

@Suite struct PipelineSchemaTests {
    @Test("every setting that the reader knows is described", arguments: SectionName.allCases)
    func described(section: SectionName) {
        for key in section.keys {
            let (description, form) = PipelineSchema.setting(key, in: section)
            #expect(!description.isEmpty && form != [:], "\(section) \(key)")
        }
    }

    @Test("the schema that editors take is the one that this version makes; `agentsight-export validate --json-schema` prints it")
    func committed() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../pipelines/pipeline.schema.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == PipelineSchema.text())
    }
}
