import ExportAPI
import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Whose rows a destination has, and whose a key gives.
@Suite struct AgentCheckTests {
    @Test("what is decided on a key hangs on the agent's number alone; an endpoint that moved is told")
    func verdicts() {
        func verdict(_ agent: Int64?, _ standing: AgentCheck.RowOwner) -> AgentCheck.Verdict {
            AgentCheck.verdict(on: agent.map(AgentCheck.KeyOwner.agent) ?? .unknown, at: "https://new", over: standing)
        }
        #expect(verdict(12, .nothing) == .accepted && verdict(nil, .nothing) == .accepted)
        #expect(verdict(12, .agent(12, endpoint: "https://new")) == .accepted)
        #expect(verdict(12, .agent(12, endpoint: nil)) == .accepted)
        #expect(verdict(12, .agent(12, endpoint: "https://old")) == .moved(from: "https://old"))
        #expect(verdict(13, .agent(12, endpoint: "https://new")) == .otherAgent(12))
        #expect(verdict(nil, .agent(12, endpoint: "https://new")) == .unknownKey && verdict(nil, .unknown) == .unknownKey)
        #expect(verdict(12, .unknown) == .learnt)
        #expect(AgentCheck.verdict(on: .unnamed, at: "https://new", over: .unknown) == .accepted)
        #expect(AgentCheck.verdict(on: .unnamed, at: "https://new", over: .agent(12, endpoint: nil)) == .unknownKey)
    }

    private static let otherKey = "ags_11111111111111111111111111111111_000012"

    private static func configuration(hasMe: Bool) -> SampleService.Configuration {
        var configuration = SampleService.Configuration()
        configuration.keys[otherKey] = .granted
        configuration.agents = [SampleService.key: 12, otherKey: 34]
        if !hasMe { configuration.absentRoutes.insert(.me) }
        return configuration
    }

    /// Removes what 0.1.0 did not write.
    private func makeOlder(_ bench: JobBench, _ plan: ExportPlan) async throws {
        _ = try await bench.folder.withLock(holder: "a test", share: .whole) {
            for window in plan.windows {
                var manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                (manifest.source, manifest.fingerprints, manifest.digests, manifest.sums) = (nil, nil, nil, nil)
                try bench.folder.commit(manifest, columns: nil, keeping: Set(manifest.files.indices))
            }
        }
    }

    @Test("a key of another agent is refused before anything is written, with and without /api/me/", arguments: [true, false])
    func otherAgent(hasMe: Bool) async throws {
        try await JobBench.with(Self.configuration(hasMe: hasMe)) { bench in
            var plan = bench.plan()
            let all = plan.windows
            plan.windows = Array(all.prefix(9))
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let source = try bench.folder.manifest(ofWindow: all[4].key)?.source
            #expect(source == Manifest.RowSource(agent: 12, endpoint: plan.source.endpoint))
            // Windows that are not there yet, too: others show whose they are.
            plan.windows = all
            let before = try FileManager.default.subpathsOfDirectory(atPath: bench.folder.name).sorted()
            for windows in [all, Array(all.suffix(3))] {
                plan.windows = windows
                let result = try await bench.run("other", plan, access: JobBench.Access(key: Self.otherKey))
                #expect(
                    result.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: nil, number: 12, key: 34))
                #expect(result.report == nil)
            }
            #expect(try FileManager.default.subpathsOfDirectory(atPath: bench.folder.name).sorted() == before)
            plan.windows = all
            #expect(try await bench.run("right", plan).record.summary.committed == 9)
        }
    }

    @Test(
        "windows are not compared with the rows of another agent: its key is refused before", arguments: [LookKind.counts, .lean])
    func otherAgentLooks(look: LookKind) async throws {
        try await JobBench.with(Self.configuration(hasMe: true)) { bench in
            var plan = bench.plan()
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            plan.windowing.refresh = [RefreshTier(look: look)]
            let result = try await bench.run("other", plan, access: JobBench.Access(key: Self.otherKey))
            #expect(result.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: nil, number: 12, key: 34))
            #expect(try bench.folder.looks() == LookRecords())
        }
    }

    @Test("of several agents each has its own windows: keys that were swapped are refused")
    func swapped() async throws {
        try await JobBench.with(Self.configuration(hasMe: true)) { bench in
            let plan = bench.plan(days: 5, agents: ["a", "b"])
            let keys = ["a": SampleService.key, "b": Self.otherKey]
            #expect(try await bench.run("first", plan, access: JobBench.Access(keys: keys)).record.exitCode == 0)
            let more = bench.plan(days: 6, agents: ["a", "b"])
            let swapped = ["b": SampleService.key, "a": Self.otherKey]
            let result = try await bench.run("swapped", more, access: JobBench.Access(keys: swapped))
            #expect(result.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: "a", number: 12, key: 34))
            #expect(try await bench.run("right", more, access: JobBench.Access(keys: keys)).record.summary.committed == 2)
        }
    }

    @Test("windows of 0.1.0 show their agent by their rows; where these have columns, it is learnt, and told")
    func older() async throws {
        try await JobBench.with(Self.configuration(hasMe: true)) { bench in
            var plan = bench.plan()
            let all = plan.windows
            plan.windows = Array(all.prefix(9))
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            try await makeOlder(bench, plan)
            plan.windows = all
            let refused = try await bench.run("other", plan, access: JobBench.Access(key: Self.otherKey))
            #expect(refused.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: nil, number: 12, key: 34))

            try FileManager.default.removeItem(atPath: bench.folder.name)
            plan.outputs[0] = Output(
                table: .conversations, format: .csv, compression: .none, path: "{date}",
                columns: [.column(.init(name: "id", path: ["id"], type: nil))], dialect: .warehouse)
            plan.windows = Array(all.prefix(9))
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            try await makeOlder(bench, plan)
            plan.windows = all
            #expect(try await bench.run("second", plan).record.exitCode == 0)
            plan.windows[17] = all[17]
            try FileManager.default.removeItem(atPath: "\(bench.folder.name)/_agentsight/windows/\(all[17].key).json")
            let known = try await bench.run("third", plan, access: JobBench.Access(key: Self.otherKey))
            #expect(known.failure as? StoreError == .otherAgent(path: bench.folder.name, agent: nil, number: 12, key: 34))
        }
    }

    @Test("a key of which nothing shows the agent is refused where there are rows")
    func unknownKey() async throws {
        let isEmpty = Mutex(false)
        var configuration = Self.configuration(hasMe: false)
        configuration.cannedResponse = { _, route in
            guard isEmpty.withLock(\.self), route == .conversations else { return nil }
            return CannedResponse(status: 200, body: Array(#"{"count":0,"next":null,"previous":null,"results":[]}"#.utf8))
        }
        try await JobBench.with(configuration) { bench in
            #expect(try await bench.run("first", bench.plan(days: 9)).record.exitCode == 0)
            isEmpty.withLock { $0 = true }
            let result = try await bench.run("second", bench.plan(days: 10))
            #expect(result.failure as? StoreError == .unknownAgent(path: bench.folder.name, agent: nil))
        }
    }
}
