import Foundation
import SampleAPI
import SystemPackage
import Testing

/// The service's clock, this machine's, and what stands between them.
@Suite(.enabled(if: SystemCallFault.isPossible, "the clock is moved by LD_PRELOAD, which Linux has")) struct ClockTests {
    private static let pipeline = """
        { version: 1, window: { from: now-5h, to: now, every: hour }, destination: out, outputs: [{ path: "{window}.ndjson.gz" }] }
        """

    /// Runs where the machine's clock is ahead of the service's.
    private func run(
        _ folder: TemporaryFolder, clockAhead seconds: Int, _ arguments: String..., faults: FaultPlan = .none,
        counting: (SampleService) -> Void = { _ in }
    ) async throws -> Command.Outcome {
        var configuration = SampleService.Configuration()
        configuration.faults = faults
        return try await withSampleService(configuration) { endpoint, service in
            defer { counting(service) }
            return try await Command.run(
                ["run", "p.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key,
                environment: [
                    "LD_PRELOAD": Command.product("libSystemCallFaults.so").string, "SYSTEM_CALL_FAULTS_CLOCK_AHEAD": "\(seconds)",
                ])
        }
    }

    /// Where the latest window that stands there ends.
    private func end(_ folder: TemporaryFolder) throws -> Date {
        let ends = try folder.files(below: "out/_agentsight/windows").values.compactMap { content in
            let manifest = try JSONSerialization.jsonObject(with: content) as? [String: Any]
            #expect(manifest?["status"] as? String == "proved")
            return ((manifest?["window"] as? [String: Any])?["end"] as? String).flatMap {
                try? Date($0, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: $0.contains(".")))
            }
        }
        return try #require(ends.max())
    }

    @Test("a machine whose clock is fast exports no window beyond the service's time, says both times, and exports the rest later")
    func fast() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            let begun = Date()
            let outcome = try await run(folder, clockAhead: 7200, "--quiet")
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            let words = /warning: p: this machine's clock says \S+Z, the service's \S+Z: windows are exported up to the earlier/
            #expect(outcome.errors.contains(words), "\(outcome.testDescription)")
            let end = try end(folder)
            // The service's `Date` is to the second, and made a while before it is sent.
            #expect(end <= Date() && end >= Date(timeInterval: -30, since: begun), "\(end)")

            let later = try await run(folder, clockAhead: 0)
            #expect(later.status == 0, "\(later.testDescription)")
            #expect(!later.errors.contains("clock"), "\(later.testDescription)")
            #expect(try self.end(folder) >= end)
        }
    }

    @Test("a machine whose clock is slow says both times, and leaves what is newer to a later run")
    func slow() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            let begun = Date()
            let outcome = try await run(folder, clockAhead: -7200)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("warning: p: this machine's clock says"), "\(outcome.testDescription)")
            let end = try end(folder)
            #expect(end >= Date(timeInterval: -7202, since: begun) && end <= Date(timeIntervalSinceNow: -7200), "\(end)")
        }
    }

    @Test("where the service's clock cannot be asked in time, a window that goes beyond it is written and not called whole")
    func late() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            let faults = FaultPlan.schedule([1: .resetBeforeAnswer, 2: .resetBeforeAnswer, 3: .resetBeforeAnswer])
            let outcome = try await run(folder, clockAhead: 7200, faults: faults)
            #expect(outcome.status == 4, "\(outcome.testDescription)")
            let manifests = try folder.files(below: "out/_agentsight/windows").values.map { String(decoding: $0, as: UTF8.self) }
            // The hour that is under way, and the next one, and what follows to the machine's time; just behind an hour the one before it.
            #expect((3...4).contains(manifests.count { $0.contains(#""status" : "unsettled""#) }), "\(outcome.testDescription)")
        }
    }

    @Test("verify --server and plan --counts say that the clocks differ, with both times and the same exit code")
    func compared() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    "{ version: 1, window: { from: 2026-03-24, to: 2026-03-25, every: day }, destination: out }", to: "p.yml")
                let run = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(run.status == 0 && !run.errors.contains("clock"), "\(run.testDescription)")
                for arguments in [["verify", "p.yml", "--server"], ["plan", "p.yml", "--counts", "--force"]] {
                    for (seconds, isTold) in [(0, false), (7200, true), (-7200, true)] {
                        let outcome = try await Command.run(
                            arguments, in: folder, endpoint: endpoint, key: Sample.key,
                            environment: [
                                "LD_PRELOAD": Command.product("libSystemCallFaults.so").string,
                                "SYSTEM_CALL_FAULTS_CLOCK_AHEAD": "\(seconds)",
                            ])
                        #expect(outcome.status == 0, "\(outcome.testDescription)")
                        #expect(
                            outcome.errors.contains(/warning: this machine's clock says \S+Z, the service's \S+Z\./) == isTold,
                            "\(seconds) \(outcome.testDescription)")
                    }
                }
            }
        }
    }

    @Test("windows that ended long ago take no request for the time")
    func past() async throws {
        try await TemporaryFolder.with { folder in
            let past = "{ version: 1, window: { from: 2026-03-24, to: 2026-03-25, every: day }, destination: out }"
            try folder.write(past, to: "p.yml")
            let outcome = try await run(folder, clockAhead: 7200) { #expect($0.statistics.requests <= 4) }
            #expect(outcome.status == 0, "\(outcome.testDescription)")
        }
    }

    @Test("an answer that a cache had kept proves nothing, and is named")
    func cached() async throws {
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, route in
            guard route == .conversations else { return nil }
            return CannedResponse(
                headers: ["Age": "3600"], body: Array(#"{"count":0,"next":null,"previous":null,"results":[]}"#.utf8))
        }
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write("{ version: 1, destination: out, fetch: { retries: 1 } }", to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 75, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("a response that a cache had stored for 3600 s"), "\(outcome.testDescription)")
                #expect(try folder.files(below: "out").keys.filter { !$0.hasPrefix("_agentsight/runs/") }.isEmpty)
            }
        }
    }
}
