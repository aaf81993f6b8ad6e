import ArgumentParser
import ExportCore
import ExportEngine
import ExportHTTP
import ExportPipelines
import ExportReport

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Checks the key and shows how the service behaves: agent, ordering, bounds, page size, unknown parameters.",
        discussion: """
            Uses AGENTSIGHT_API_ENDPOINT and AGENTSIGHT_API_KEY, or the source of a pipeline file. Sends fewer than ten requests.

            --limits finds the rate limit of the key: it sends requests for one row each as fast as it is allowed, until the limit is known, and
            at most 600 requests in about a minute. It obeys Retry-After, but others who use the same key are throttled meanwhile.

            Examples:
              agentsight-export probe
              agentsight-export probe pipelines/nightly.yml --format json
              agentsight-export probe --limits
            """
    )

    @Argument(help: "A pipeline file with the source to check.", completion: .file(extensions: ["yml", "yaml"]))
    var file: String?

    @Flag(help: "Find the rate limit of the key; sends up to 600 requests.")
    var limits = false

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = try file.map(PipelineOptions.read) ?? PipelineText.render(PipelineDraft(name: "probe", destination: "unused"))
        let plan = try PipelineOptions.plan(text: text, file: file ?? "the environment")
        let logger = output.logger
        try await finish {
            var report = try await Interruption.withHandling {
                try await Service.withClient(for: plan, logger: logger) { client in
                    var report = try await Probe(client).run()
                    if limits { report.limits = try await LimitProbe(client, concurrency: plan.fetch.concurrency).run() }
                    return report
                }
            }
            let network = try Network.settings()
            report.proxy = network.proxy(for: plan.source.endpoint).map { "\($0)" }
            report.certificates = network.rootsVariables.isEmpty ? nil : network.rootsVariables
            switch format {
            case .json: try StandardOutput.write(json: report)
            case .text: try StandardOutput.write(StandardOutput.table(lines(of: report, endpoint: plan.source.endpoint)))
            }
            return .done
        }
    }

    private func lines(of report: Probe.Report, endpoint: String) -> [[String]] {
        let unknown = report.ordering == "ignored" ? "unknown" : "unknown (too few rows)"
        let agent = report.agentName.map { name in "\(name)\(report.agentID.map { " (\($0))" } ?? "")" }
        return [
            ["endpoint", endpoint],
            ["proxy", report.proxy ?? "none"],
            ["certificates", report.certificates.map { "from \($0.joined(separator: " and "))" } ?? "the system's"],
            ["key", "accepted"],
            ["agent", agent ?? "unknown: this deployment has no /api/me/"],
            ["environments", report.environments?.joined(separator: ", ") ?? "unknown"],
            ["conversations", String(report.conversations)],
            ["first began", report.firstStartedAt?.description ?? unknown],
            ["last began", report.lastStartedAt?.description ?? unknown],
            ["envelope", report.generation.map { "\($0) generation" } ?? unknown],
            ["ordering", report.ordering ?? unknown],
            ["started_at_after", report.startedAtAfter ?? unknown],
            ["started_at_before", report.startedAtBefore ?? unknown],
            ["largest page", report.largestPage.map { "\($0) rows" } ?? unknown],
            ["unknown parameters", report.unknownParameters],
            ["metadata keys", report.metadataKeys.map { "\($0) listed" } ?? "unknown: this deployment has no such route"],
            ["page of 100", "\(report.pageMilliseconds) ms"],
            ["throttled", Figures.count(report.throttled, "answer")],
        ] + (report.limits.map(lines) ?? [])
    }

    private func lines(of limits: LimitProbe.Report) -> [[String]] {
        let none = "none found with \(Figures.count(limits.concurrency, "request")) at once"
        let sent = "\(Figures.count(limits.requests, "request")) in \(Figures.seconds(.seconds(limits.seconds)))"
        return [
            ["limit", limits.limit.map { $0 + (limits.isSettled ? "" : " (not confirmed)") } ?? none],
            ["limit found with", "\(sent), \(limits.throttled) throttled"],
        ]
    }
}
