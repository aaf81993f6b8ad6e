import Foundation
import Hummingbird
import Logging
import SampleAPI
import Synchronization
import Testing

/// Who is told of a run's end: metrics for a collector, a notice for a hook.
@Suite struct RunEndTests {
    private static let pipeline = """
        { version: 1, name: weeks, window: { from: 2026-03-01, to: 2026-05-01, every: week }, destination: out }
        """

    /// The samples of a text in Prometheus's format, by name and labels.
    private func samples(_ text: String) -> [String: Double] {
        Dictionary(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                let space = line.lastIndex(of: " ") ?? line.startIndex
                return Double(line[line.index(after: space)...]).map { (String(line[..<space]), $0) }
            }, uniquingKeysWith: { $1 })
    }

    @Test("the metrics of the last run stand in a file, whole; a run that fails keeps the time of the last that did well")
    func metrics() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let first = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(first.status == 0, "\(first.testDescription)")
                let text = String(decoding: try folder.read("m.prom"), as: UTF8.self)
                let found = samples(text)
                let name = { (metric: String) in "agentsight_export_last_run_\(metric){pipeline=\"weeks\"}" }
                #expect(found[name("exit_code")] == 0)
                #expect(found["agentsight_export_last_run_windows{pipeline=\"weeks\",state=\"proved\"}"] == 10)
                #expect(found[name("rows")] == 370 && found[name("retries")] == 0 && found[name("throttled_seconds")] == 0)
                let success = try #require(found["agentsight_export_last_success_timestamp_seconds{pipeline=\"weeks\"}"])
                #expect(abs(success - Date.now.timeIntervalSince1970) < 300 && success == found[name("timestamp_seconds")])
                #expect(text.contains("# TYPE agentsight_export_last_run_rows gauge\n") && text.hasSuffix("\n"))
                let mode = try FileManager.default.attributesOfItem(atPath: folder.url.appending(path: "m.prom").path)
                #expect(mode[.posixPermissions] as? Int == 0o644)

                let failed = try await Command.run(
                    "run", "p.yml", "--force", "--metrics-file", "m.prom", in: folder, endpoint: endpoint, key: "ags_wrong")
                #expect(failed.status == 3)
                let after = samples(String(decoding: try folder.read("m.prom"), as: UTF8.self))
                #expect(after[name("exit_code")] == 3)
                #expect(after["agentsight_export_last_success_timestamp_seconds{pipeline=\"weeks\"}"] == success)

                try folder.write(Self.pipeline.replacing("every", with: "evry"), to: "p.yml")
                let broken = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(broken.status == 2)
                let told = samples(String(decoding: try folder.read("m.prom"), as: UTF8.self))
                #expect(told[name("exit_code")] == 2)
                #expect(told["agentsight_export_last_success_timestamp_seconds{pipeline=\"weeks\"}"] == success)
                // A file that is gone has the name that the earlier metrics have.
                try folder.remove("p.yml")
                let gone = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(gone.status == 2)
                let still = samples(String(decoding: try folder.read("m.prom"), as: UTF8.self))
                #expect(still["agentsight_export_last_success_timestamp_seconds{pipeline=\"weeks\"}"] == success)
                let other = try await Command.run("run", "p.yml", "--metrics-file", "n.prom", in: folder, endpoint: endpoint)
                #expect(other.status == 2)
                let new = samples(String(decoding: try folder.read("n.prom"), as: UTF8.self))
                #expect(new["agentsight_export_last_success_timestamp_seconds{pipeline=\"p\"}"] == 0)
                let stream = try await Command.run(
                    "run", "p.yml", "--stdout", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(stream.status == 2 && stream.errors.contains("cannot be combined with --stdout"))
                try folder.write(Self.pipeline, to: "p.yml")
                let nowhere = try await Command.run(
                    "run", "p.yml", "--metrics-file", "no/such/m.prom", in: folder, endpoint: endpoint)
                #expect(nowhere.status == 0 && nowhere.errors.contains("warning: the metrics were not written to no/such/m.prom"))
            }
        }
    }

    private final class Told: Sendable {
        let texts = Mutex<[String]>([])
    }

    /// Serves a hook that keeps what it is told, and answers with a status.
    private func withHook(
        status: HTTPResponse.Status = .ok,
        _ body: @escaping @Sendable (_ url: String, _ told: @Sendable () -> [String]) async throws -> Void
    ) async throws {
        let told = Told()
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let router = Router()
                router.post("hook/s3cr3t") { request, _ in
                    let text = String(buffer: try await request.body.collect(upTo: 1 << 20))
                    told.texts.withLock { $0.append(text) }
                    return status
                }
                let application = Application(
                    router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
                    logger: Logger(label: "hook") { _ in SwiftLogNoOpLogHandler() })
                do { try await application.run() } catch { if !Task.isCancelled { throw error } }
            }
            defer { group.cancelAll() }
            for await port in ports {
                return try await body("http://127.0.0.1:\(port)/hook/s3cr3t") { told.texts.withLock(\.self) }
            }
        }
    }

    @Test("links that were planted beside the metrics file are not written through; one that is the file itself leads to it")
    func planted() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 20)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write("precious", to: "victim")
                try folder.write("", to: "real/m.prom")
                // The process's number is known before it has begun: exec keeps it.
                let outcome = try await Command.runScript(
                    """
                    ln -s real/m.prom m.prom
                    ln -s ../victim real/m.prom.$$.tmp; ln -s victim m.prom.$$.tmp
                    exec "$COMMAND" run p.yml -q --metrics-file m.prom
                    """, in: folder, endpoint: endpoint)
                #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.testDescription)")
                #expect(String(decoding: try folder.read("victim"), as: UTF8.self) == "precious")
                let link = try FileManager.default.destinationOfSymbolicLink(
                    atPath: folder.url.appendingPathComponent("m.prom").path)
                #expect(link == "real/m.prom")
                #expect(
                    String(decoding: try folder.read("real/m.prom"), as: UTF8.self).contains("agentsight_export_last_run_exit_code")
                )
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("real").path)
                #expect(left.filter { !$0.hasSuffix(".tmp") } == ["m.prom"], "nothing is left beside it")
            }
        }
    }

    @Test("a page of HTML is no word of a hook; one that says “ok”, and calls it HTML, was told")
    func page() async throws {
        for (body, words) in [
            ("ok", nil),
            (
                "<!doctype html><title>Sign in</title>",
                """
                warning: no notification was delivered to 127.0.0.1: it answered with an HTML page and status 200, which may come \
                from a firewall, a proxy or a sign-in page
                """
            ),
        ] {
            var configuration = SampleService.Configuration()
            let answer = CannedResponse(headers: ["Content-Type": "text/html"], body: Array(body.utf8))
            configuration.cannedResponse = { _, _ in answer }
            try await withSampleService { endpoint, _ in
                try await withSampleService(configuration) { hook, _ in
                    try await TemporaryFolder.with { folder in
                        try folder.write(Self.pipeline, to: "p.yml")
                        let outcome = try await Command.run(
                            "run", "p.yml", "-q", "--notify", hook + "/hook", in: folder, endpoint: endpoint)
                        #expect(outcome.status == 0, "\(outcome.testDescription)")
                        #expect(outcome.errors == (words.map { $0 + "\n" } ?? ""), "\(outcome.testDescription)")
                    }
                }
            }
        }
    }

    @Test("a hook is told of the run, then of the load, with what was loaded and the reason of a failure")
    func load() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await withHook { url, told in
                try await TemporaryFolder.with { folder in
                    try folder.write(
                        Self.pipeline.replacing("out }", with: "out, load: { into: postgres, client: ./psql } }"), to: "p.yml")
                    try FakePsql.write(to: folder)
                    let good = try await Command.run("run", "p.yml", "--load", "--notify", url, in: folder, endpoint: endpoint)
                    #expect(good.status == 0, "\(good.testDescription)")
                    #expect(told().count == 2)
                    #expect(
                        told()[0].contains("weeks: done")
                            && told()[1].contains("weeks: load into postgres done (exit code 0): 10 windows loaded"))
                    #expect(told()[1].contains(#""load":{"into":"postgres","#) && !told()[1].contains("reason"))
                    try folder.write(#"{"identity": ["110022", "public", true]}"#, to: "fail.json")
                    let bad = try await Command.run("load", "p.yml", "--notify", url, in: folder)
                    #expect(bad.status == 2)
                    #expect(told().count == 3 && told()[2].contains("load into postgres failed (exit code 2)"))
                    #expect(told()[2].contains(#""reason":"the server is PostgreSQL 110022, which is too old"#), "\(told()[2])")
                }
            }
        }
    }

    @Test(
        "a hook is told what stands in the run's record, with the reason, whether windows fail or the destination does",
        arguments: [
            (1, "the service refused the request (400)"), (1, "out/_agentsight/columns.json "), (2, "“weeks”"),
        ])
    func reason(code: Int32, words: String) async throws {
        let isDown = Mutex(false)
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, _ in
            isDown.withLock(\.self) ? CannedResponse(status: 400, body: Array("{}".utf8)) : nil
        }
        try await withSampleService(configuration, dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await withHook { url, told in
                try await TemporaryFolder.with { folder in
                    let pipeline = Self.pipeline.replacing("out }", with: "out, outputs: [{ format: csv }] }")
                    try folder.write(pipeline, to: "p.yml")
                    let good = try await Command.run("run", "p.yml", "--to", "2026-04-13", in: folder, endpoint: endpoint)
                    #expect(good.status == 0, "\(good.testDescription)")
                    isDown.withLock { $0 = true }
                    if words.contains("columns") { try folder.write("{", to: "out/_agentsight/columns.json") }
                    if code == 2 { try folder.write(pipeline.replacing("weeks", with: "others"), to: "p.yml") }
                    let bad = try await Command.run("run", "p.yml", "--notify", url, in: folder, endpoint: endpoint)
                    #expect(bad.status == code, "\(bad.testDescription)")
                    let notice = try #require(
                        JSONSerialization.jsonObject(with: Data(told().last?.utf8 ?? "".utf8)) as? NSDictionary)
                    let reason = try #require(notice["reason"] as? String)
                    let run = try #require(notice["run"] as? String)
                    #expect((notice["text"] as? String)?.hasSuffix(". \(reason)") == true && !run.isEmpty)
                    #expect(reason.contains(words), "\(reason)")
                    guard code != 2 else {
                        // Where it is another pipeline's, nothing is written.
                        return #expect(try folder.files(below: "out/_agentsight/runs").count == 1)
                    }
                    let record = try #require(
                        JSONSerialization.jsonObject(with: try folder.read("out/_agentsight/runs/\(run).json")) as? NSDictionary)
                    for name in ["run", "pipeline", "exit_code", "reason", "started_at", "ended_at", "summary"] {
                        #expect(record[name] as? NSObject == notice[name] as? NSObject, "\(name)")
                    }
                }
            }
        }
    }

    @Test("a hook is told of the end in words and figures, and never changes it; its address is shown nowhere")
    func notice() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400)) { endpoint, _ in
            try await withHook { url, told in
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline, to: "p.yml")
                    #expect(try await Command.run("run", "p.yml", "--notify", url, in: folder, endpoint: endpoint).status == 0)
                    let notice = try #require(JSONSerialization.jsonObject(with: Data(told()[0].utf8)) as? [String: Any])
                    let words = try #require(notice["text"] as? String)
                    #expect(words.hasPrefix("weeks: done (exit code 0): 10 windows committed, 370 rows, "))
                    #expect(notice["exit_code"] as? Int == 0 && notice["pipeline"] as? String == "weeks")
                    #expect((notice["summary"] as? [String: Any])?["rows"] as? Int == 370)
                    let refused = try await Command.run(
                        "run", "p.yml", "--force", in: folder, endpoint: endpoint, key: "ags_wrong",
                        environment: ["AGENTSIGHT_NOTIFY_URL": url])
                    #expect(refused.status == 3)
                    #expect(told().count == 2 && told()[1].contains("weeks: failed (exit code 3)"))
                    let why = try #require(JSONSerialization.jsonObject(with: Data(told()[1].utf8)) as? [String: Any])
                    let reason = try #require(why["reason"] as? String)
                    #expect(reason.contains("refused the key") && !reason.contains("ags_wrong"), "\(reason)")
                    #expect((why["text"] as? String)?.hasSuffix(". \(reason)") == true && notice["reason"] == nil)
                    let wrong = try await Command.run("run", "p.yml", "--notify", "ftp://x/s3cr3t", in: folder, endpoint: endpoint)
                    #expect(wrong.status == 2 && !wrong.errors.contains("s3cr3t"), "\(wrong.testDescription)")
                    try folder.write(Self.pipeline.replacing("every", with: "evry") + "# ags_0123\n", to: "p.yml")
                    let broken = try await Command.run("run", "p.yml", "--notify", url, in: folder, endpoint: endpoint)
                    #expect(broken.status == 2)
                    let named = try #require(JSONSerialization.jsonObject(with: Data(told()[2].utf8)) as? [String: Any])
                    #expect(named["pipeline"] as? String == "weeks")
                    #expect(
                        named["reason"] as? String
                            == "p.yml:1:72: error: unknown key \"evry\" in window; did you mean \"every\"?")
                }
            }
            try await withHook(status: .internalServerError) { url, told in
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline, to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", "--notify", url, in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0 && told().count == 1)
                    let warning = "warning: no notification was delivered to 127.0.0.1: it answered with status 500"
                    #expect(outcome.errors.contains(warning))
                    #expect(!outcome.errors.contains("s3cr3t"))
                    let nobody = try await Command.run(
                        "run", "p.yml", "--notify", "http://127.0.0.1:9/s3cr3t", in: folder, endpoint: endpoint)
                    #expect(
                        nobody.status == 0 && nobody.errors.contains("no notification was delivered to 127.0.0.1"),
                        "\(nobody.testDescription)")
                    #expect(!nobody.errors.contains("s3cr3t"))
                }
            }
        }
    }
}
