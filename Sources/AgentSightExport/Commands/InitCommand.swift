import ArgumentParser
import ExportCore
import ExportEngine
import ExportPipelines
import Foundation

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented pipeline file.",
        discussion: """
            On a terminal, init asks questions unless options answer them. If AGENTSIGHT_API_KEY is set, it lists the metadata keys of the \
            service, and --from defaults to the day of the first conversation; otherwise --from defaults to 30 days ago. --to defaults to today.

            Examples:
              agentsight-export init pipelines/support.yml
              agentsight-export init --filter device=mobile --from -30d -    (to standard output)
            """
    )

    @Argument(help: "The file to write, or - for standard output. An existing file is not overwritten.")
    var file = "pipeline.yml"

    @OptionGroup var draft: DraftOptions

    @Option(help: "The length of a window: hour, day, week, month or all.")
    var every = WindowLength.day

    @Option(help: "The folder, or s3://bucket/prefix, for the export. Default: exports/NAME.")
    var destination: String?

    func run() async throws {
        let name = file == "-" ? "export" : URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var pipeline = try draft.draft(name: name, destination: destination ?? "exports/\(name)")
        pipeline.every = every
        let isAsked = file != "-" && !draft.isGiven && destination == nil && InitQuestions.canAsk
        // Report mistakes in the options before the service is asked.
        if file != "-" { try PipelineOptions.checkRoom(for: file) }
        var anySpan = pipeline
        anySpan.every = .all
        _ = try PipelineOptions.plan(ofOptions: PipelineText.render(anySpan))
        let needsStart = every != .all && pipeline.from == nil
        let available = needsStart || isAsked ? await AvailableData.fetch(withKeys: isAsked, logger: OutputOptions.logger()) : nil
        if needsStart {
            if let span = available?.span {
                pipeline.begin(with: span.first, last: span.last, isZoneOpen: isAsked)
            } else {
                pipeline.from = "-30d"
                pipeline.fromNote = "inclusive; `agentsight-export probe` shows the dates of the conversations"
            }
        }
        if every != .all { pipeline.to = pipeline.to ?? "today" }
        if isAsked {
            var questions = InitQuestions(pipeline)
            try questions.ask(keys: available?.metadataKeys ?? [])
            pipeline = questions.draft
        }
        let text = PipelineText.render(pipeline, comments: true)
        // Report mistakes in flags now, not at the first run.
        _ = try PipelineOptions.plan(ofOptions: text)
        if file == "-" { return try StandardOutput.write(exactly: text.trimmingCharacters(in: .newlines)) }
        try PipelineOptions.write(text, to: file)
        Console.standard.note("wrote \(file). Next: agentsight-export validate \(file), then preview and run.")
    }
}
