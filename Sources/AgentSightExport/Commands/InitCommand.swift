import ArgumentParser
import ExportAPI
import ExportCore
import ExportEngine
import ExportPipelines
import Foundation

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented pipeline file.",
        discussion: """
            On a terminal it asks what the file is to say, unless options say it; with a key in AGENTSIGHT_API_KEY it names the metadata \
            that there is.

            Examples:
              agentsight-export init pipelines/support.yml
              agentsight-export init --filter device=mobile --from -30d -    (to standard output)
            """
    )

    @Argument(help: "The file to write, or - for standard output. A file that exists is left alone.")
    var file = "pipeline.yml"

    @OptionGroup var draft: DraftOptions

    @Option(help: "hour, day, week, month or all.")
    var every = WindowLength.day

    @Option(help: "Where the files go.")
    var destination: String?

    func run() async throws {
        let name = file == "-" ? "export" : URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var pipeline = try draft.draft(name: name, destination: destination ?? "exports/\(name)")
        pipeline.every = every
        if every != .all {
            pipeline.from = pipeline.from ?? "-30d"
            pipeline.to = pipeline.to ?? "today"
        }
        if file != "-", !draft.isGiven, destination == nil, InitQuestions.canAsk {
            guard !FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure("\(file) exists already, and was left alone. Give another name.", .wrongCommand)
            }
            var questions = InitQuestions(pipeline)
            try questions.ask(keys: await Self.metadataKeys())
            pipeline = questions.draft
        }
        let text = PipelineText.render(pipeline, comments: true)
        // What is wrong with a flag is told now, and not at the first run.
        _ = try PipelineOptions.plan(ofOptions: text)
        if file == "-" { return try Answer.write(exactly: text.trimmingCharacters(in: .newlines)) }
        try PipelineOptions.write(text, to: file)
        Console.standard.note("wrote \(file). Next: agentsight-export validate \(file), then preview and run.")
    }

    /// As the service names them, where there is a key; none where it does not, or is not there.
    private static func metadataKeys() async -> [String] {
        guard SystemText.environment["AGENTSIGHT_API_KEY", default: ""].isEmpty == false else { return [] }
        let text = PipelineText.render(PipelineDraft(name: "init", destination: "unused"))
        do {
            let plan = try PipelineOptions.plan(text: text + "fetch: { retries: 0 }\n", file: "the environment")
            Console.standard.note("asking \(plan.source.endpoint) which metadata there is …")
            return try await Service.withClient(for: plan, logger: OutputOptions.logger()) {
                try await ServiceDocument.get(ServiceDocument.Keys.self, .metadataKeys, from: $0)?.keys ?? []
            }
        } catch {
            Console.standard.warn("the service was not asked for metadata keys: \(CommandFailure(error).message)")
            return []
        }
    }
}
