import ArgumentParser
import ExportAPI
import ExportCore
import ExportHTTP
import ExportLoad
import ExportReport
import ExportStore
import Foundation
import SystemPackage

/// Options for metrics and notifications at a run's end.
struct RunNotifierOptions: ParsableArguments {
    @Option(
        help: "Write metrics of the command to this file, in the text format of Prometheus.",
        completion: .file(extensions: ["prom"]))
    var metricsFile: String?

    @Option(
        help: """
            Post a summary of the run to this URL, as JSON that chat webhooks accept. A failed post does not change the exit code. \
            Default: AGENTSIGHT_NOTIFY_URL.
            """)
    var notify: String?

    /// A notifier that works whatever else is wrong with the command: it writes metrics, and posts nothing.
    func fallback(_ console: Console) -> RunNotifier {
        RunNotifier(metricsFile: metricsFile, webhook: nil, network: NetworkSettings(), console: console)
    }

    /// - Throws: `CommandFailure` for an option that is no URL to post to, and variables of the network that make no sense.
    func makeNotifier(_ console: Console) throws -> RunNotifier {
        var webhook: Webhook?
        if let notify {
            webhook = Webhook(notify)
            if webhook == nil {
                throw CommandFailure("--notify needs an https URL (http only for loopback addresses).", .wrongCommand)
            }
        } else if let text = SystemText.environment["AGENTSIGHT_NOTIFY_URL"], !text.isEmpty {
            webhook = Webhook(text)
            if webhook == nil { console.warn("AGENTSIGHT_NOTIFY_URL is not an https URL: no notification is sent") }
        }
        return RunNotifier(metricsFile: metricsFile, webhook: webhook, network: try Network.settings(), console: console)
    }
}

extension RunRecord {
    /// Reports a run that ended before there was a plan.
    init(of pipeline: String, failed failure: CommandFailure) {
        self.init(
            run: "", pipeline: pipeline, version: Version.text, startedAt: .now, endedAt: .now,
            exitCode: Int(failure.status.rawValue), summary: RunSummary())
        reason = failure.message
    }
}

extension LoadRecord {
    /// Reports a load that ended before there was a plan.
    init(of pipeline: String, failed failure: CommandFailure) {
        self.init(
            pipeline: pipeline, system: "", startedAt: .now, endedAt: .now, exitCode: Int(failure.status.rawValue),
            reason: failure.message)
    }
}

/// Writes the metrics of a run that ended, and posts its summary. A failure of either is a warning, and does not change the exit code.
struct RunNotifier: Sendable {
    let metricsFile: String?
    let webhook: Webhook?
    let network: NetworkSettings
    let console: Console

    func notify(_ record: RunRecord) async {
        if let metricsFile { write(record, to: metricsFile) }
        if let webhook { await post(RunNotification(record), to: webhook) }
    }

    func notify(_ record: LoadRecord) async {
        if let metricsFile { write(record, to: metricsFile) }
        if let webhook { await post(LoadNotification(record), to: webhook) }
    }

    /// The pipeline whose metrics an earlier run wrote to the file. `nil` if there is no file, or it does not say.
    var earlierPipeline: String? {
        metricsFile.flatMap { try? AtomicFile.text(of: $0) }.flatMap(RunMetrics.pipeline)
    }

    /// Writes the metrics of a run atomically, since the collector may read them at any time.
    private func write(_ record: RunRecord, to file: String) {
        write(to: file, of: record.pipeline, keeping: LoadMetrics.help.keys) { metrics, before in
            let lastSuccess = before.flatMap { RunMetrics.lastSuccess(in: $0, pipeline: record.pipeline) }
            RunMetrics.record(record, lastSuccess: lastSuccess, to: metrics)
        }
    }

    private func write(_ record: LoadRecord, to file: String) {
        write(to: file, of: record.pipeline, keeping: RunMetrics.help.keys) { metrics, before in
            let lastSuccess = before.flatMap { LoadMetrics.lastSuccess(in: $0, pipeline: record.pipeline) }
            LoadMetrics.record(
                record, states: WindowResult.State.allCases.map(\.rawValue), lastSuccess: lastSuccess, to: metrics)
        }
    }

    /// Writes metrics to a file.
    /// - Parameters:
    ///   - names: Metrics of the other command, which are kept.
    ///   - record: Records the metrics. It receives the previous text of the file.
    private func write(
        to file: String, of pipeline: String, keeping names: some Collection<String>,
        _ record: (PrometheusText, _ before: String?) -> Void
    ) {
        let metrics = PrometheusText(help: RunMetrics.help.merging(LoadMetrics.help) { $1 })
        let before = try? AtomicFile.text(of: file)
        record(metrics, before)
        if let before { metrics.keep(names, of: pipeline, from: before) }
        do {
            // The collector runs as another user.
            try AtomicFile.write(Array(metrics.text.utf8), to: file, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            console.warn("the metrics were not written to \(file): \(error)")
        }
    }

    private func post(_ notification: some Encodable, to webhook: Webhook) async {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A notice of texts and numbers always encodes.
        guard let body = try? encoder.encode(notification) else { return }
        if let reason = await webhook.post(Array(body), over: network, userAgent: Version.userAgent) {
            console.warn("no notification was delivered to \(webhook.host): \(reason)")
        }
    }
}
