import Foundation
import SampleAPI

/// What the imitation serves, as the independent evaluation sees it.
enum Sample {
    static let key = SampleService.key

    struct Case: Sendable {
        let name: String
        /// As under `filters` in a pipeline file; JSON is YAML.
        let filters: String
        let ids: [Int]
        /// Whether lean rows show enough.
        let isEmpty: Bool
    }

    /// Every case of `samples/expected.json`, with the ids that a generation of the service selects.
    static func cases(_ generation: SampleService.Generation = .new) throws -> [Case] {
        let content = try file("expected.json")
        let cases = try JSONSerialization.jsonObject(with: content) as? [String: [String: Any]] ?? [:]
        return try cases.sorted { $0.key < $1.key }.map { name, value in
            let filters = value["filters"] as? [String: Any] ?? [:]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: filters, options: .sortedKeys), as: UTF8.self)
            let ids = generation == .old ? value["old_ids"] ?? value["ids"] : value["ids"]
            return Case(name: name, filters: text, ids: ids as? [Int] ?? [], isEmpty: filters.isEmpty)
        }
    }

    /// A file of the folder `samples`.
    static func file(_ name: String) throws -> Data {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: tests.deletingLastPathComponent().appendingPathComponent("samples/\(name)"))
    }

    /// A row, read by Foundation, which knows no number as large as one that the sample has.
    static func object(_ row: some StringProtocol) throws -> [String: Any] {
        let text = row.replacingOccurrences(of: "1E400", with: "1E300")
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// A deployment of the service.
    struct Deployment: Sendable, CustomStringConvertible {
        let generation: SampleService.Generation
        let ordering: SampleService.Ordering
        let bounds: SampleService.Bounds

        var description: String { "\(generation) generation, ordering \(ordering), bounds \(bounds)" }

        var configuration: SampleService.Configuration {
            var configuration = SampleService.Configuration(generation: generation)
            configuration.ordering = ordering
            configuration.bounds = bounds
            return configuration
        }

        static let all: [Deployment] = SampleService.Generation.allCases.flatMap { generation in
            [SampleService.Ordering.honoured, .ignored].flatMap { ordering in
                [SampleService.Bounds.inclusive, .exclusive].map {
                    Deployment(generation: generation, ordering: ordering, bounds: $0)
                }
            }
        }
    }
}
