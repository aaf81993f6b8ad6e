import ExportAPI
import ExportCore
import ExportEngine
import ExportStore
import Foundation
import Logging
import SampleAPI
import Synchronization
import TestSupport

/// The imitation and an empty folder, for jobs that run with no command.
struct JobBench: Sendable {
    let service: SampleService
    let folder: FolderDestination
    private let endpoint: String

    /// 2026-03-20, three days before the imitation's first conversation.
    static let firstDay: Int64 = 1_773_964_800

    static func with<Value>(
        _ configuration: SampleService.Configuration = .init(), rows: Int = 120, days: Int? = nil, minimumRowBytes: Int = 0,
        _ body: (JobBench) async throws -> Value
    ) async throws -> Value {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("job-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let dataset = SampleDataset(rows: rows, days: days, minimumRowBytes: minimumRowBytes)
        return try await withSampleService(configuration, dataset: dataset) { endpoint, service in
            try await body(JobBench(service: service, folder: FolderDestination(path: root.path), endpoint: endpoint))
        }
    }

    /// Days of conversations as they came, with or without a table whose columns are found; of one key, or of several agents.
    func plan(days: Int = 18, csv: Bool = false, agents names: [String] = []) -> ExportPlan {
        let key = Source.KeySource.environment(variable: "K")
        var outputs = [
            Output(
                table: .conversations, format: .ndjson, compression: .none, path: "{date}", columns: nil, dialect: .warehouse)
        ]
        if csv {
            outputs.append(
                Output(
                    table: .conversations, format: .csv, compression: .none, path: "csv/{date}",
                    columns: [.column(.init(name: "id", path: ["id"], type: nil)), .every(path: ["metadata"])],
                    dialect: .warehouse))
        }
        var windows: [Window] = []
        for agent in names.isEmpty ? [nil] : names.map(Optional.some) {
            windows += (0..<days).map { day in
                let start = Instant(seconds: Self.firstDay + Int64(day) * 86_400)
                let range = TimeRange(start: start, end: start.advanced(by: .seconds(86_400)))
                let date = String(start.description.prefix(10))
                let paths = ["\(agent ?? "rows")/\(date)", "csv/\(agent ?? "rows")/\(date)"]
                return Window(key: date, agent: agent, range: range, paths: Array(paths.prefix(outputs.count)))
            }
        }
        var plan = ExportPlan.sample(outputs, windows: windows)
        plan.source.endpoint = endpoint
        plan.agents = names.map { Agent(name: $0, endpoint: endpoint, key: key) }
        return plan
    }

    /// Opens the imitation, with a key where there is one, and counts how often it was opened.
    final class Access: ServiceAccess {
        struct NoKey: Error {}

        let hasKey: Bool
        /// The key of each agent, by its name; of a single one, by none.
        private let keys: [String: String]
        private let opened = Mutex(0)
        var timesOpened: Int { opened.withLock(\.self) }

        init(hasKey: Bool = true, key: String = SampleService.key, keys: [String: String] = [:]) {
            (self.hasKey, self.keys) = (hasKey, keys.merging(["": key]) { first, _ in first })
        }

        func withClients<Value: Sendable>(
            of plan: ExportPlan, _ body: @escaping @Sendable ([ServiceClient]) async throws -> Value
        ) async throws -> Value {
            opened.withLock { $0 += 1 }
            guard hasKey else { throw NoKey() }
            let accounts = try plan.parts.map { agent, part in
                let text = keys[agent?.name ?? ""] ?? keys[""] ?? ""
                guard let key = APIKey(text) else { throw NoKey() }
                return ServiceClient.Account(endpoint: part.source.endpoint, isLoopback: true, key: key)
            }
            return try await ServiceClient.withClients(
                of: accounts, fetch: plan.fetch, userAgent: "test", logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() },
                body)
        }
    }

    /// Runs a job of this name. Exit codes are made up: 0 is all, 9 a stop, 1 and 4 as documented.
    func run(
        _ name: String, _ plan: ExportPlan, share: Share = .whole, access: Access = Access(),
        in destination: (any PersistentDestination)? = nil, adopts: Bool = false,
        report: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> JobResult {
        let identity = ExportRun.Identity(run: name, version: "1", fingerprint: try plan.fingerprint)
        let job = ExportJob(
            plan, as: identity, from: access, adopts: adopts,
            exitCode: { report in
                if report.stop != nil { return 9 }
                return report.failures.isEmpty ? report.summary.unsettled > 0 ? 4 : 0 : 1
            }, report: report)
        return await job.run(in: destination ?? folder, share: share, holder: "a test")
    }

    /// The run that wrote each window, by its key.
    func writers(_ plan: ExportPlan) throws -> [String: String] {
        var writers: [String: String] = [:]
        for window in plan.windows { writers[window.key] = try folder.manifest(ofWindow: window.key)?.run }
        return writers
    }
}
