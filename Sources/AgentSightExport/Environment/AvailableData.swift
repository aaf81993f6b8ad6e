import ExportAPI
import ExportCore
import ExportEngine
import ExportPipelines
import Logging

/// The data that the service has to export, for the author of a first pipeline file.
struct AvailableData: Sendable {
    var span: Probe.Span
    /// Empty where the service does not name them.
    var metadataKeys: [String]

    /// Sends the requests once, without repeats. `nil` if there is no result, with a warning if there is a key.
    static func fetch(withKeys: Bool, logger: Logger) async -> AvailableData? {
        guard SystemText.environment["AGENTSIGHT_API_KEY", default: ""].isEmpty == false else { return nil }
        let text = PipelineText.render(PipelineDraft(name: "init", destination: "unused"))
        do {
            let plan = try PipelineOptions.plan(text: text + "fetch: { retries: 0 }\n", file: "the environment")
            Console.standard.note("asking \(plan.source.endpoint) for its conversations and metadata keys …")
            return try await Service.withClient(for: plan, logger: logger) { client in
                let keys =
                    withKeys ? try await ServiceDocument.get(ServiceDocument.Keys.self, .metadataKeys, from: client)?.keys : nil
                return AvailableData(span: try await Probe(client).span(now: .now), metadataKeys: keys ?? [])
            }
        } catch {
            Console.standard.warn("the service could not be asked: \(CommandFailure(error).message)")
            return nil
        }
    }
}
