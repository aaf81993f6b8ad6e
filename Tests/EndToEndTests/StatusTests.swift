import Foundation
import SampleAPI
import Synchronization
import Testing

@Suite struct StatusTests {
    private func status(_ arguments: String..., in folder: TemporaryFolder) async throws -> [String: Any] {
        let outcome = try await Command.run(
            ["status"] + arguments + ["--format", "json"], in: folder, endpoint: nil, key: nil)
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
    }

    private func run(_ arguments: String..., in folder: TemporaryFolder, endpoint: String, status: Int32 = 0) async throws {
        let outcome = try await Command.run(["run", "p.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key)
        #expect(outcome.status == status, "\(outcome.testDescription)")
    }

    @Test("what is there, what is missing between, and what is missing behind are told apart")
    func coverage() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run("--to", "2026-04-03", in: folder, endpoint: endpoint)
                for day in ["25", "26", "29"] { try folder.remove("out/_agentsight/windows/2026-03-\(day).json") }

                let declared = try await status("p.yml", in: folder)
                #expect(declared["pipeline"] as? String == "days")
                #expect(declared["destination"] as? String == "out")
                let windows = try #require(declared["windows"] as? [String: Int])
                #expect(
                    windows == ["declared": 14, "committed": 8, "unsettled": 0, "due": 6, "again": 0, "lookback": 0, "render": 0])
                let coverage = try #require(declared["coverage"] as? [String: String])
                #expect(coverage == ["from": "2026-03-22T23:00:00Z", "to": "2026-04-02T22:00:00Z"])
                let gaps = try #require(declared["gaps"] as? [[String: Any]])
                #expect(gaps.map { $0["windows"] as? Int } == [2, 1])
                #expect(gaps.map { $0["from"] as? String } == ["2026-03-24T23:00:00Z", "2026-03-28T23:00:00Z"])
                #expect(gaps.map { $0["to"] as? String } == ["2026-03-26T23:00:00Z", "2026-03-29T22:00:00Z"])
                #expect(declared["unsettled"] as? [String] == [])
                #expect((declared["rows"] as? Int ?? 0) > 100)
                #expect((declared["bytes"] as? Int ?? 0) > 1000)

                let text = try await Command.run("status", "p.yml", in: folder)
                #expect(
                    text.output.contains("overdue    3 windows, 2026-04-02T22:00:00Z to 2026-04-05T22:00:00Z"),
                    "\(text.testDescription)")
                #expect(text.output.contains("gap        2 windows"), "\(text.testDescription)")

                // A folder has no declaration: the spans alone speak.
                let alone = try await status("out", in: folder)
                #expect((alone["windows"] as? [String: Any])?["declared"] is NSNull)
                #expect((alone["windows"] as? [String: Any])?["committed"] as? Int == 8)
                #expect((alone["gaps"] as? [[String: Any]])?.map { $0["from"] as? String } == gaps.map { $0["from"] as? String })
                #expect((alone["gaps"] as? [[String: Any]])?.allSatisfy { $0["windows"] is NSNull } ?? false)
                #expect(alone["rows"] as? Int == declared["rows"] as? Int)
                #expect(alone["coverage"] as? [String: String] == coverage)
            }
        }
    }

    @Test("what a run would refuse is said by status, plan and verify first, with the run's exit code")
    func refused() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run("--to", "2026-03-25", in: folder, endpoint: endpoint)
                #expect(try await status("p.yml", in: folder)["refused"] is NSNull)
                for (setting, words) in [
                    ("name=renamed", "out belongs to the pipeline “days”"),
                    ("window.every=week", "out holds windows of another length"),
                ] {
                    let settings = ["p.yml", "--set", setting]
                    let run = try await Command.run(["run"] + settings, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(run.status == 2 && run.errors.contains(words), "\(run.testDescription)")
                    for command in ["plan", "status"] {
                        let outcome = try await Command.run([command] + settings, in: folder, endpoint: nil, key: nil)
                        #expect(outcome.status == 2 && outcome.errors.contains(words), "\(command) \(outcome.testDescription)")
                    }
                    let text = try await Command.run(["status"] + settings, in: folder, endpoint: nil, key: nil)
                    #expect(text.output.contains("a run refuses this destination: \(words)"), "\(text.testDescription)")
                    let json = try await Command.run(
                        ["status"] + settings + ["--format", "json"], in: folder, endpoint: nil, key: nil)
                    let answer = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
                    #expect((answer?["refused"] as? String)?.contains(words) == true, "\(json.testDescription)")
                    let verify = try await Command.run(["verify"] + settings, in: folder, endpoint: nil, key: nil)
                    #expect(
                        verify.status == 4 && verify.output.contains("a run refuses this destination: \(words)"),
                        "\(verify.testDescription)")
                }
                // A folder alone is of no declaration.
                #expect(try await status("out", in: folder)["refused"] is NSNull)
            }
        }
    }

    @Test("why the last run failed is said the next morning, and who is at work, or died at it")
    func trouble() async throws {
        let down = Mutex(false)
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, _ in
            down.withLock { $0 } ? CannedResponse(status: 503, body: []) : nil
        }
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run("--to", "2026-03-25", in: folder, endpoint: endpoint)
                down.withLock { $0 = true }
                try await run("--to", "2026-03-26", "--set", "fetch.retries=0", in: folder, endpoint: endpoint, status: 75)
                let reason = "the service gave no usable response in 1 try: status 503."
                let runs = try #require(try await status("out", in: folder)["runs"] as? [[String: Any]])
                #expect(runs.count == 2)
                #expect((runs.first?["reason"] as? String)?.hasPrefix(reason) == true)
                #expect(runs.last?["reason"] == nil)
                let text = try await Command.run("status", "out", in: folder)
                #expect(text.output.contains("\(runs.first?["run"] as? String ?? "?"): \(reason)"), "\(text.testDescription)")
                #expect(try await Command.run("report", "out", "-o", "-", in: folder).output.contains(reason))

                #expect(try await status("out", in: folder)["occupations"] as? [[String: String]] == [])
                let hold = "exec 9>out/_agentsight/lock; flock 9; printf 'process 7 on host, run r' >&9; $COMMAND status out"
                let held = try await Command.runScript(hold, in: folder)
                #expect(held.output.contains("at work    process 7 on host, run r\n"), "\(held.testDescription)")
                // The lock ended with the shell, and its file stayed.
                let left = try await Command.run("status", "out", in: folder)
                #expect(
                    left.output.contains("broken off  process 7 on host, run r: the next run continues its work"),
                    "\(left.testDescription)")
                let lockHolder = (try await status("out", in: folder)["occupations"] as? [[String: Any]])?.first
                #expect(lockHolder?["at_work"] as? Bool == false)
                #expect(lockHolder?["holder"] as? String == "process 7 on host, run r")
            }
        }
    }

    @Test("windows before the first that is there are no gap, and a damaged manifest is told by its key")
    func beginnings() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run("--from", "2026-03-27", in: folder, endpoint: endpoint)
                try folder.write("{", to: "out/_agentsight/windows/2026-04-01.json")
                let answer = try await status("p.yml", in: folder)
                #expect((answer["gaps"] as? [[String: Any]])?.count == 1)
                #expect(answer["unreadable"] as? [String] == ["2026-04-01"])
                let text = try await Command.run("status", "p.yml", in: folder)
                #expect(text.output.contains("not begun   4 windows"), "\(text.testDescription)")
                #expect(text.output.contains("unreadable  1 window: 2026-04-01"), "\(text.testDescription)")
            }
        }
    }

    @Test("the last runs are shown, the newest first, as many as asked for")
    func runs() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                for day in ["2026-03-24", "2026-03-25", "2026-03-26"] {
                    try await run("--to", day, in: folder, endpoint: endpoint)
                }
                let all = try #require(try await status("out", in: folder)["runs"] as? [[String: Any]])
                #expect(all.count == 3)
                #expect(all.map { $0["committed"] as? Int } == [1, 1, 1])
                #expect(all.allSatisfy { $0["exit_code"] as? Int == 0 && $0["failed"] as? Int == 0 })
                let names = all.compactMap { $0["run"] as? String }
                #expect(names == names.sorted(by: >))
                let two = try #require(try await status("out", "--runs", "2", in: folder)["runs"] as? [[String: Any]])
                #expect(two.compactMap { $0["run"] as? String } == Array(names.prefix(2)))
                try folder.write("{", to: "out/_agentsight/runs/\(names[0]).json")
                let text = try await Command.run("status", "out", "--runs", "1", in: folder)
                #expect(text.output.contains("\(names[0])  its record cannot be read"), "\(text.testDescription)")
                let last = try #require((try await status("out", "--runs", "1", in: folder)["runs"] as? [[String: Any]])?.first)
                #expect(last["run"] as? String == names[0] && last["reason"] as? String == "its record cannot be read")
            }
        }
    }

    @Test("an interrupted run leaves a record of what it did", arguments: [SIGTERM: Int32(143), SIGINT: 130])
    func interrupted(signal: Int32, code: Int32) async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([6: .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                let outcome = try await Command.run(
                    ["run", "p.yml", "--set", "fetch.concurrency=1"], in: folder, endpoint: endpoint, key: Sample.key,
                    signal: signal,
                    when: {
                        // A run that has committed nothing leaves no record.
                        service.statistics.requests >= 6 && (try? folder.files(below: "out/_agentsight/windows").isEmpty) == false
                    })
                #expect(outcome.status == code)
                let answer = try await status("p.yml", in: folder)
                let record = try #require((answer["runs"] as? [[String: Any]])?.first)
                #expect(record["exit_code"] as? Int == Int(code))
                #expect(record["failed"] as? Int == 0)
                let committed = (answer["windows"] as? [String: Any])?["committed"] as? Int
                #expect(committed == record["committed"] as? Int)
                #expect(try await Command.run("verify", "p.yml", in: folder).status == 0)
            }
        }
    }

    @Test("a run that fails leaves a record with its exit code, and its windows are due")
    func failed() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([5: .status(500), 6: .status(500)])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run(
                    "--set", "fetch.concurrency=1", "--set", "fetch.retries=1", in: folder, endpoint: endpoint, status: 75)
                let answer = try await status("p.yml", in: folder)
                let record = try #require((answer["runs"] as? [[String: Any]])?.first)
                #expect(record["exit_code"] as? Int == 75)
                #expect(record["failed"] as? Int == 1)
                #expect((answer["windows"] as? [String: Int])?["due"] == 1)
            }
        }
    }

    @Test("a window that could not be proved is told by its key")
    func unsettled() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .random(seed: 1, probability: 1, among: [.countOff(by: 1)])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                try await run("--to", "2026-03-25", in: folder, endpoint: endpoint, status: 4)
                for target in ["p.yml", "out"] {
                    let answer = try await status(target, in: folder)
                    #expect(answer["unsettled"] as? [String] == ["2026-03-23", "2026-03-24"])
                }
            }
        }
    }

    @Test("windows within a healthy lookback are committed; due again is what is behind the declaration")
    func lookback() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    { version: 1, name: recent, window: { from: -6d, to: today, every: day, lookback: 2d }, destination: out }
                    """, to: "p.yml")
                try await run(in: folder, endpoint: endpoint)
                let healthy = try #require(try await status("p.yml", in: folder)["windows"] as? [String: Int])
                #expect(
                    healthy == ["declared": 6, "committed": 6, "unsettled": 0, "due": 0, "again": 0, "lookback": 2, "render": 0])
                let text = try await Command.run("status", "p.yml", in: folder).output
                #expect(text.contains("lookback   2 windows of them, which the next run exports again\n"), "\(text)")
                #expect(!text.contains("due again") && text.contains("* proved, within lookback"), "\(text)")
                let report = try await Command.run("report", "p.yml", "-o", "-", in: folder).output
                #expect(report.contains("Every window is exported and proved.") && !report.contains("windows due again"))
                let plan = try await Command.run("plan", "p.yml", in: folder).output
                #expect(plan.contains("2 to export"), "the next run looks at them all the same")

                // Behind what the declaration says: their files are not those that it names.
                let other = try #require(
                    try await status("p.yml", "--set", "source.detail=lean", in: folder)["windows"] as? [String: Int])
                #expect(
                    other == ["declared": 6, "committed": 0, "unsettled": 0, "due": 6, "again": 0, "lookback": 0, "render": 0])
            }
        }
    }
}
