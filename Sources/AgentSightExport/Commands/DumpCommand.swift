import ArgumentParser
import ExportCore
import ExportPipelines
import ExportStore
import Foundation

struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Exports one file without a pipeline file.",
        discussion: """
            Options override the format and compression that the file name implies. Without a file name, the format is NDJSON.

            Examples:
              agentsight-export dump --filter device=mobile --from 2024-01-01 -o mobile.csv.gz
              agentsight-export dump --filter metadata=customer_tier:vip -o - | jq .id
              agentsight-export dump --table messages --filter has_action=true --from -7d -o messages.csv.gz
              agentsight-export dump --from -30d -o month.parquet
              agentsight-export dump --filter is_marked=true -o marked.ndjson.gz --save pipelines/marked.yml
            """
    )

    @OptionGroup var draft: DraftOptions

    @Option(help: "The compression: gzip, zstd or none. Default: implied by the file name (.gz, .zst); gzip for Parquet.")
    var compression: CompressionName?

    @Option(name: [.customShort("o"), .customLong("file")], help: "The output file, or - for standard output.")
    var file = "-"

    @Option(help: "Also write an equivalent pipeline file to this file.", completion: .file(extensions: ["yml", "yaml"]))
    var save: String?

    @OptionGroup var progress: ProgressOptions

    @OptionGroup var output: OutputOptions

    /// Endings that promise what nothing here writes.
    private static let otherFormats = ["avro", "orc", "xls", "xlsx"]

    enum CompressionName: String, ExpressibleByArgument, CaseIterable {
        case gzip, zstd, none
    }

    /// The format that a file's name tells, `x.csv.gz` too.
    private static func format(of name: String) -> Output.Format {
        Output.Format.allCases.last { name.containsExactly(".\($0.fileExtension)") } ?? .ndjson
    }

    func run() async throws {
        let url = URL(fileURLWithPath: file)
        let isStream = file == "-"
        if draft.format == nil, Self.otherFormats.contains(url.pathExtension.lowercased()) {
            throw CommandFailure(
                "\(file) would contain NDJSON under the name of another format. Use a name that ends in .ndjson, .csv or .parquet, or give --format.",
                .wrongCommand)
        }
        var pipeline = try draft.draft(
            name: save.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? "dump",
            destination: isStream ? "exports" : url.deletingLastPathComponent().relativePath)
        pipeline.every = .all
        pipeline.format = draft.format ?? Self.format(of: url.lastPathComponent)
        let compressesInside = pipeline.format?.traits.compressesInside ?? false
        let implied: CompressionName =
            file.endsExactly(with: ".zst") ? .zstd : compressesInside || file.endsExactly(with: ".gz") ? .gzip : .none
        pipeline.compression =
            switch compression ?? implied {
            case .gzip: .gzip(level: nil)
            case .zstd: .zstd(level: nil)
            case .none: Output.Compression.none
            }
        pipeline.path = isStream ? nil : url.lastPathComponent
        let text = PipelineText.render(pipeline)
        let plan = try PipelineOptions.plan(ofOptions: text)
        let (save, saved) = (save, PipelineText.render(pipeline, comments: true))
        let (file, progress) = (file, progress)
        let export = Export(
            plan: plan, console: output.console, logger: output.logger, progress: progress.progress)
        try await finish {
            let destination = FileDestination(path: file)
            if !isStream { try destination.check() }
            if let save { try PipelineOptions.write(saved, to: save) }
            if isStream { return try await Export.streamed(plan, .whole, output, progress) }
            return try await Interruption.withHandling { try await export.stream(through: destination, $0) }
        }
    }
}
