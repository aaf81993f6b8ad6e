import ArgumentParser
import ExportCore
import ExportPipelines
import Foundation

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented pipeline file.",
        discussion: """
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
        let text = PipelineText.render(pipeline, comments: true)
        // What is wrong with a flag is told now, and not at the first run.
        _ = try PipelineOptions.plan(text: text, file: "the options")
        if file == "-" { return try Answer.write(text.trimmingCharacters(in: .newlines)) }
        try PipelineOptions.write(text, to: file)
        Console.standard.note("wrote \(file). Next: agentsight-export validate \(file), then preview and run.")
    }
}
