import Foundation
import Synchronization
import Testing

@testable import SampleAPI

/// Several agents, each with its key, in one pipeline.
@Suite struct AgentTests {
    private struct Fleet {
        let folder: TemporaryFolder
        var services: [(name: String, endpoint: String, service: SampleService)] = []

        /// A pipeline of all of them; each key is in a file of its own.
        func write(_ name: String = "p.yml", destination: String = "out", more: String = "", outputs: String) throws {
            let agents = services.map {
                "    - { name: \($0.name), api_key_file: keys/\($0.name).key, endpoint: '\($0.endpoint)' }"
            }
            try folder.write(
                """
                version: 1
                name: fleet
                source:
                  agents:
                \(agents.joined(separator: "\n"))
                window: { from: 2026-03-23, to: 2026-04-06, every: week }
                destination: \(destination)
                \(more)
                outputs: \(outputs)
                """, to: name)
        }

        func run(_ arguments: String...) async throws -> Command.Outcome {
            try await Command.run(arguments, in: folder, endpoint: nil, key: nil)
        }
    }

    /// Serves so many rows for each agent, each with a key of its own.
    private func withFleet(
        _ rows: [(name: String, rows: Int)],
        _ configure: @escaping (String, inout SampleService.Configuration) -> Void = { _, _ in },
        _ body: (Fleet) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent("keys"), withIntermediateDirectories: true)
            func serve(_ rest: ArraySlice<(name: String, rows: Int)>, _ fleet: Fleet) async throws {
                guard let first = rest.first else { return try await body(fleet) }
                let key = "ags_" + String(format: "%032x_%06x", fleet.services.count, 1)
                try folder.write(key, to: "keys/\(first.name).key")
                var configuration = SampleService.Configuration()
                configuration.keys = [key: .granted]
                configure(first.name, &configuration)
                try await withSampleService(
                    configuration, dataset: SampleDataset(rows: first.rows, seed: UInt64(fleet.services.count + 1))
                ) { endpoint, service in
                    var fleet = fleet
                    fleet.services.append((first.name, endpoint, service))
                    try await serve(rest.dropFirst(), fleet)
                }
            }
            try await serve(rows[...], Fleet(folder: folder))
        }
    }

    private static let outputs = "[{}, { format: csv, columns: ['{agent}', id, started_at, metadata.*] }]"

    @Test("each agent's rows are its own files and windows; what turns up in one is a column of all; a second run sends nothing")
    func together() async throws {
        try await withFleet([("eu", 300), ("us", 120), ("empty", 0)]) { fleet in
            try fleet.write(outputs: Self.outputs)
            let outcome = try await fleet.run("run", "p.yml")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("3 of 3 agents complete"), "\(outcome.testDescription)")
            var files = try fleet.folder.files(below: "out")
            #expect(files.keys.count { $0.hasPrefix("_agentsight/windows/") } == 6)
            #expect(files.keys.contains("conversations/agent_name=eu/dt=2026-03-23/conversations.csv.gz"), "\(files.keys.sorted())")
            for command in ["verify", "status", "plan"] {
                let outcome = try await fleet.run(command, "p.yml")
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
            let server = try await fleet.run("verify", "p.yml", "--server")
            #expect(server.status == 0, "\(server.testDescription)")
            let record = try #require(files.first { $0.key.hasPrefix("_agentsight/runs/") }?.value)
            let agents = (try JSONSerialization.jsonObject(with: record) as? [String: Any])?["agents"] as? [[String: Any]]
            #expect(agents?.compactMap { $0["name"] as? String } == ["eu", "us", "empty"])

            // Each as if it were alone.
            for (name, endpoint, _) in fleet.services {
                try fleet.folder.write(
                    """
                    version: 1
                    source: { api_key_file: keys/\(name).key, endpoint: '\(endpoint)' }
                    window: { from: 2026-03-23, to: 2026-04-06, every: week }
                    destination: alone-\(name)
                    """, to: "\(name).yml")
                #expect(try await fleet.run("run", "-q", "\(name).yml").status == 0)
                for (path, content) in try fleet.folder.files(below: "alone-\(name)/conversations") {
                    #expect(files["conversations/agent_name=\(name)/\(path)"] == content, "\(name) \(path)")
                }
            }
            let requests = fleet.services.map(\.service.statistics.requests)
            let changes = try fleet.folder.changes(below: "out")
            #expect(try await fleet.run("run", "p.yml").errors.contains("nothing to do"))
            #expect(fleet.services.map(\.service.statistics.requests) == requests)
            #expect(try fleet.folder.changes(below: "out") == changes)

            // Parts by shards come to the same.
            try fleet.write("q.yml", destination: "shared", outputs: Self.outputs)
            for shard in [1, 0] { #expect(try await fleet.run("run", "q.yml", "--shard", "\(shard)/2").status == 0) }
            let shared = try fleet.folder.files(below: "shared").filter { !$0.key.hasPrefix("_agentsight/") }
            files = files.filter { !$0.key.hasPrefix("_agentsight/") }
            #expect(Set(shared.keys) == Set(files.keys))
            for (path, content) in files { #expect(shared[path] == content, "\(path)") }
        }
    }

    @Test("a key that is refused, and one that has to wait for too long, stop no other agent; both are named")
    func failures() async throws {
        try await withFleet([("a", 60), ("revoked", 60), ("throttled", 60), ("z", 60)]) { name, configuration in
            if name == "revoked" { configuration.keys = [:] }
            if name == "throttled" { configuration.faults = .during(1...100_000, .throttle(retryAfter: "86400")) }
        } _: { fleet in
            try fleet.write(outputs: Self.outputs)
            let outcome = try await fleet.run("run", "p.yml")
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 2, "\(outcome.testDescription)")
            let refused = """
                error: agent revoked: the service refused the key (401, “Invalid API key.”). Check that the key is complete, \
                belongs to this deployment and has not been revoked.
                """
            #expect(errors.contains(refused[...]), "\(errors)")
            #expect(
                errors.contains { $0.hasPrefix("error: agent throttled: the service throttles the key (429, 1 time") }, "\(errors)")
            #expect(outcome.errors.contains("2 of 4 agents complete"), "\(outcome.testDescription)")
            let windows = try fleet.folder.files(below: "out/_agentsight/windows").keys.sorted()
            #expect(windows == ["a@2026-W13.json", "a@2026-W14.json", "z@2026-W13.json", "z@2026-W14.json"])
            // Columns do not wait for those that failed.
            let manifest = try fleet.folder.read("out/_agentsight/windows/a@2026-W13.json")
            #expect(String(decoding: manifest, as: UTF8.self).contains("\"metadata__shop\""))
            let status = try await fleet.run("status", "p.yml")
            #expect(status.output.contains("agent revoked: the service refused the key"), "\(status.output)")
            let page = try await fleet.run("report", "p.yml", "-o", "-").output
            #expect(page.contains("<td>a</td><td data-is=\"windows there\">2 of 2</td>"), "each agent has its line")
            let bad = "<tr class=\"bad\"><td>revoked</td><td data-is=\"windows there\">0 of 2</td><td data-is=\"rows\">0</td>"
            #expect(page.contains(bad))
            // The others are there: only the two are asked again.
            let requests = fleet.services[0].service.statistics.requests
            #expect(try await fleet.run("run", "p.yml").status == 1)
            #expect(fleet.services[0].service.statistics.requests <= requests + 2)
        }
    }

    /// What a slow service waits for.
    private struct Patience: Sendable {
        /// Whether the others are done.
        var isOver: @Sendable () -> Bool = { false }
        var service: SampleService?
        /// How many requests it had by then.
        var requests: Int?

        var isHeld: Bool { !isOver() && (service?.withState { $0.inFlight.count } ?? 0) < 4 }
    }

    @Test("requests in flight are bounded over all agents together, and a slow one does not hold the others up")
    func fair() async throws {
        let gauge = InFlightGauge()
        let patience = Mutex(Patience())
        try await withFleet([("a", 200), ("b", 200), ("slow", 200), ("d", 200)]) { name, configuration in
            configuration.latency = .milliseconds(5)
            configuration.inFlight = gauge
            guard name == "slow" else { return }
            // Until the others are done nothing is answered, unless all that are allowed are here.
            configuration.holdListResponse = {
                while patience.withLock(\.isHeld) { try await Task.sleep(for: .milliseconds(5)) }
                patience.withLock { patience in
                    if patience.requests == nil, patience.isOver() { patience.requests = patience.service?.statistics.requests }
                }
            }
        } _: { fleet in
            let windows = fleet.folder.url.appendingPathComponent("out/_agentsight/windows").path
            patience.withLock { patience in
                patience.service = fleet.services[2].service
                patience.isOver = {
                    let committed = (try? FileManager.default.contentsOfDirectory(atPath: windows)) ?? []
                    return committed.count { !$0.hasPrefix("slow@") } == 6
                }
            }
            try fleet.write(more: "fetch: { concurrency: 4, page_size: 20 }", outputs: "[{}]")
            let outcome = try await fleet.run("run", "p.yml", "-v")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(gauge.maximum == 4)
            // The others were done well before it.
            let found = patience.withLock(\.requests)
            let (early, all) = (try #require(found), fleet.services[2].service.statistics.requests)
            #expect(early <= all / 2, "\(early) of \(all)")
        }
    }

    @Test("verify --server and plan --counts refuse the key of another agent, as a run does, before anything is compared")
    func otherAgent() async throws {
        let other = "ags_11111111111111111111111111111111_000012"
        var configuration = SampleService.Configuration()
        configuration.keys[other] = .granted
        configuration.agents = [Sample.key: 12, other: 34]
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    window: { from: 2026-03-23, to: 2026-04-06, every: week }
                    destination: out
                    """, to: "p.yml")
                let unwritten = try await Command.run("plan", "p.yml", "--counts", in: folder, endpoint: endpoint, key: other)
                #expect(unwritten.status == 0, "\(unwritten.testDescription)")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                for arguments in [
                    ["verify", "p.yml", "--server"], ["verify", "p.yml", "--server", "--look", "counts"],
                    ["plan", "p.yml", "--counts"], ["run", "p.yml", "--refresh"],
                ] {
                    let before = service.statistics.requests
                    let refused = try await Command.run(arguments, in: folder, endpoint: endpoint, key: other)
                    #expect(refused.status == 2, "\(refused.testDescription)")
                    #expect(
                        refused.errors.contains("out holds conversations of agent 12, but the key belongs to agent 34."),
                        "\(refused.testDescription)")
                    #expect(service.statistics.requests == before + 1, "\(arguments)")
                    let right = try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(right.status == 0, "\(right.testDescription)")
                }
            }
        }
    }

    @Test("of a glob each file is an agent, named after it; options choose one; streams are of one")
    func globbed() async throws {
        try await withFleet([("eu", 60)]) { fleet in
            let endpoint = fleet.services[0].endpoint
            try fleet.folder.write(
                """
                version: 1
                source: { agents: "keys/*.key", endpoint: "\(endpoint)" }
                window: { from: 2026-03-23, to: 2026-04-06, every: week }
                destination: out
                """, to: "p.yml")
            let outcome = try await fleet.run("run", "p.yml", "--agent", "eu")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            let validated = try await fleet.run("validate", "p.yml")
            #expect(validated.status == 0, "\(validated.testDescription)")
            let streamed = try await fleet.run("run", "p.yml", "--stdout", "--unit", "eu@2026-W13")
            #expect(streamed.status == 0 && streamed.output.contains("\"id\":"), "\(streamed.errors)")
            // An agent whose key file cannot be looked at is not left out.
            let looping = fleet.folder.url.appendingPathComponent("keys/us.key")
            try FileManager.default.createSymbolicLink(atPath: looping.path, withDestinationPath: "us.key")
            let looped = try await fleet.run("run", "p.yml")
            #expect(looped.status == 2 && looped.errors.contains("keys/us.key"), "\(looped.testDescription)")
            try FileManager.default.removeItem(at: looping)
            let unknown = try await fleet.run("run", "p.yml", "--agent", "ee")
            #expect(unknown.status == 2 && unknown.errors.contains("did you mean eu?"), "\(unknown.errors)")
        }
    }
}
