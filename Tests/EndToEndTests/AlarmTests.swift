import Foundation
import SampleAPI
import Testing

/// The alarms that are documented, evaluated on the metrics of runs that end in each documented way.
@Suite struct AlarmTests {
    private static let pipeline = """
        { version: 1, name: nights, window: { from: 2026-03-23, to: 2026-03-26, every: day }, destination: out,
          fetch: { retries: 0, concurrency: 1 } }
        """

    private struct UnknownForm: Error { let expression: String }

    /// An alarm of the rules file, of one of the forms that it uses.
    private struct Alarm {
        let name: String
        let expression: String

        /// Whether it fires on the samples, at a time in seconds since 1970. Nil for an expression of another form.
        func fires(on samples: [String: Double], at time: Double) -> Bool? {
            func values(_ metric: Substring) -> [Double] {
                samples.filter { $0.key == metric || $0.key.hasPrefix("\(metric){") }.map(\.value)
            }
            if let match = expression.wholeMatch(of: /absent\((\w+)\)/) { return values(match.output.1).isEmpty }
            if let match = expression.wholeMatch(of: /(\w+) != 0/) { return values(match.output.1).contains { $0 != 0 } }
            if let match = expression.wholeMatch(of: /time\(\) - (\w+) > (\d+)/), let limit = Double(match.output.2) {
                return values(match.output.1).contains { time - $0 > limit }
            }
            return nil
        }
    }

    private static func alarms() throws -> [Alarm] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("deploy/prometheus/agentsight-export.rules.yml")
        return try String(contentsOf: file, encoding: .utf8).matches(of: /- alert: (\w+)\n +expr: (.+)\n/).map {
            Alarm(name: String($0.output.1), expression: String($0.output.2))
        }
    }

    /// The alarms that fire on a file of metrics, so many seconds from now; on none where it is not there.
    private func firing(in folder: TemporaryFolder, after seconds: Double = 0) throws -> [String] {
        let text = (try? folder.read("m.prom")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let samples = Dictionary(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                line.lastIndex(of: " ").flatMap { space in
                    Double(line[line.index(after: space)...]).map { (String(line[..<space]), $0) }
                }
            }, uniquingKeysWith: { $1 })
        return try Self.alarms().filter { alarm in
            let fires: Bool? = alarm.fires(on: samples, at: Date.now.timeIntervalSince1970 + seconds)
            guard let fires else { throw UnknownForm(expression: alarm.expression) }
            return fires
        }.map(\.name)
    }

    enum Night: String, CaseIterable, CustomTestStringConvertible {
        case failed, wrongFile, wrongSetting, wrongHook, otherPipeline, refusedKey, noKey, unsettled, down

        var code: Int32 {
            switch self {
            case .failed: 1
            case .wrongFile, .wrongSetting, .wrongHook, .otherPipeline, .noKey: 2
            case .refusedKey: 3
            case .unsettled: 4
            case .down: 75
            }
        }

        var testDescription: String { "\(rawValue), \(code)" }

        var configuration: SampleService.Configuration {
            var configuration = SampleService.Configuration()
            switch self {
            case .failed: configuration.cannedResponse = { _, _ in CannedResponse(status: 400, body: Array("{}".utf8)) }
            case .down: configuration.cannedResponse = { _, _ in CannedResponse(status: 503, body: []) }
            case .unsettled: configuration.faults = .random(seed: 1, probability: 1, among: [.countOff(by: 1)])
            default: break
            }
            return configuration
        }
    }

    @Test(
        "an alarm fires whatever a night ends with, under the pipeline's name, and the last success is kept; none fires after a good one",
        arguments: Night.allCases)
    func night(_ night: Night) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            try await withSampleService { endpoint, _ in
                let good = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(good.status == 0, "\(good.testDescription)")
            }
            #expect(try firing(in: folder) == [])
            let success = try #require(try successes(in: folder).first)
            try await withSampleService(night.configuration) { endpoint, _ in
                var arguments = ["run", "p.yml", "--force", "--metrics-file", "m.prom"]
                var key: String? = Sample.key
                switch night {
                case .wrongFile: try folder.write(Self.pipeline + "\n\t- {", to: "p.yml")
                case .wrongSetting: arguments += ["--set", "fetch.retrys=1"]
                case .wrongHook: arguments += ["--notify", "ftp://hook"]
                case .otherPipeline:
                    try folder.write(Self.pipeline.replacing("nights", with: "days"), to: "p.yml")
                case .refusedKey: key = "ags_wrong"
                case .noKey: key = nil
                case .failed, .unsettled, .down: break
                }
                let bad = try await Command.run(arguments, in: folder, endpoint: endpoint, key: key)
                #expect(bad.status == night.code, "\(bad.testDescription)")
            }
            #expect(try firing(in: folder).contains("AgentSightExportFailed"))
            let name = night == .otherPipeline ? "days" : "nights"
            let text = String(decoding: try folder.read("m.prom"), as: UTF8.self)
            #expect(text.contains("agentsight_export_last_run_exit_code{pipeline=\"\(name)\"} \(night.code)\n"), "\(text)")
            let kept = try successes(in: folder)
            #expect(
                kept
                    == (night == .otherPipeline
                        ? ["agentsight_export_last_success_timestamp_seconds{pipeline=\"days\"} 0"] : [success]))
        }
    }

    private func successes(in folder: TemporaryFolder) throws -> [String] {
        String(decoding: try folder.read("m.prom"), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("agentsight_export_last_success_timestamp_seconds") }.map(String.init)
    }

    @Test("an interrupted night fires an alarm at once", arguments: [SIGTERM: Int32(143), SIGINT: 130])
    func interrupted(signal: Int32, code: Int32) async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([2: .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run(
                    ["run", "p.yml", "--metrics-file", "m.prom"], in: folder, endpoint: endpoint, key: Sample.key,
                    signal: signal, when: { service.statistics.requests >= 2 })
                #expect(outcome.status == code)
                #expect(try firing(in: folder) == ["AgentSightExportFailed", "AgentSightExportLate"])
            }
        }
    }

    @Test("a night that leaves no metrics fires one the next day: a command line that is wrong, no run at all")
    func nothing() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                #expect(try firing(in: folder) == ["AgentSightExportSilent"])
                try folder.write(Self.pipeline, to: "p.yml")
                let good = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(good.status == 0)
                let metrics = try folder.read("m.prom")
                let wrong = try await Command.run("run", "p.yml", "--fource", "--metrics-file", "m.prom", in: folder)
                #expect(wrong.status == 2)
                #expect(try folder.read("m.prom") == metrics)
                #expect(try firing(in: folder) == [] && firing(in: folder, after: 100_100) == ["AgentSightExportLate"])
            }
        }
    }
}
