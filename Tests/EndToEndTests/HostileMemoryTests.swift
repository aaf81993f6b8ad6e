import Foundation
import SampleAPI
import Testing

/// What a stranger sends takes no more memory than is worth it, whatever it is and however it comes.
@Suite struct HostileMemoryTests {
    /// MiB, of a debug build.
    private static let limit = 256

    private static let pipeline = """
        version: 1
        window: { from: 2026-03-23, to: 2026-04-06, every: all }
        fetch: { retries: 1, concurrency: 8 }
        destination: out
        outputs: [{ format: csv, path: all.csv, compression: none }]
        """

    /// A list of short texts of so many bytes, which take many times as much once they are read.
    private static func texts(_ bytes: Int, named name: String) -> [UInt8] {
        var body = Array(#"{"\#(name)":["#.utf8)
        var number = 0
        while body.count < bytes {
            body += Array(#""k\#(number)","#.utf8)
            number += 1
        }
        body.removeLast()
        return body + Array("]}".utf8)
    }

    private static let list = #"{"count":0,"next":null,"previous":null,"results":[]}"#

    private func measure(
        _ arguments: [String], gzip: Bool = false, _ answer: @escaping @Sendable (SampleRoute) -> CannedResponse?
    ) async throws -> Command.Outcome {
        try await TemporaryFolder.with { folder in
            var configuration = SampleService.Configuration()
            configuration.cannedResponse = { _, route in answer(route) }
            try folder.write(Self.pipeline, to: "p.yml")
            return try await withSampleService(configuration) { endpoint, _ in
                let transfer = gzip && arguments[0] != "probe" ? ["--set", "fetch.transfer=gzip"] : []
                let (outcome, peak) = try await Command.runMeasured(arguments + transfer, in: folder, endpoint: endpoint)
                #expect(peak < Self.limit, "\(peak) MiB: \(outcome.testDescription.prefix(3000))")
                return outcome
            }
        }
    }

    /// Ten megabytes of zeros as gzip, over and over.
    private func bomb() async throws -> CannedResponse {
        try await TemporaryFolder.with { folder in
            _ = try await Command.runScript("head -c 10000000 /dev/zero | gzip -9 > member", in: folder)
            return CannedResponse(
                headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"], body: try Array(folder.read("member")),
                repeats: 1000)
        }
    }

    @Test(
        "an error of many megabytes is read in part, whatever its status, and its status counts",
        arguments: [400, 403, 503])
    func errors(status: Int) async throws {
        let body = Self.texts(31 << 20, named: "detail")
        let outcome = try await measure(["run", "p.yml"]) { _ in CannedResponse(status: status, body: body) }
        #expect(outcome.status == [403: 3, 503: 75][status] ?? 1, "\(outcome.testDescription.prefix(3000))")
        #expect(outcome.errors.contains("\(status)") && outcome.errors.utf8.count < 5000)
    }

    @Test("an answer that is no page is read up to 1 MiB, inflated too, and no more")
    func documents() async throws {
        let (large, most) = (Self.texts(29_000_000, named: "keys"), Self.texts(1_000_000, named: "keys"))
        let list = CannedResponse(body: Array(Self.list.utf8))
        let bomb = try await bomb()
        for (answer, isRead) in [(CannedResponse(body: large), false), (bomb, false), (CannedResponse(body: most), true)] {
            let run = try await measure(["run", "p.yml"], gzip: true) { route in
                route == .metadataKeys ? answer : route == .conversations ? list : nil
            }
            #expect(run.status == (isRead ? 0 : 1), "\(run.testDescription.prefix(3000))")
            if !isRead {
                #expect(
                    run.errors.contains("the response to /api/conversations/metadata-keys/ is larger than 1 MiB"), "\(run.errors)")
            }
            let probe = try await measure(["probe"]) { $0 == .me ? answer : nil }
            #expect(probe.status == (isRead ? 0 : 1), "\(probe.testDescription.prefix(3000))")
        }
    }

    @Test("a page of more than its limit is given up, whether it is sent or inflated", arguments: [1, 8])
    func pages(concurrency: Int) async throws {
        let chunk = CannedResponse(body: [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20), repeats: 8192)
        for answer in [chunk, try await bomb()] {
            let outcome = try await measure(["run", "p.yml", "--set", "fetch.concurrency=\(concurrency)"], gzip: true) { route in
                route == .conversations ? answer : nil
            }
            #expect(outcome.status == 1, "\(outcome.testDescription.prefix(3000))")
            #expect(outcome.errors.contains("a single page is larger than"), "\(outcome.testDescription.prefix(3000))")
        }
    }

    @Test("a hook that answers without end is told, and waited for no longer")
    func hook() async throws {
        let chunk = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
        try await withSampleService(Self.answering(CannedResponse(body: chunk, repeats: 1 << 20))) { hook, _ in
            let outcome = try await measure(["run", "p.yml", "--notify", hook + "/hook"]) { _ in nil }
            #expect(outcome.status == 0 && !outcome.errors.contains("no notification was delivered"), "\(outcome.testDescription)")
        }
    }

    private static func answering(_ answer: CannedResponse) -> SampleService.Configuration {
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, _ in answer }
        return configuration
    }

    @Test("what a store sends of its own is read up to a bound", arguments: [200, 404])
    func store(status: Int) async throws {
        try await HostileStore.with { bench in
            #expect(try await bench.run("run", "p.yml").status == 0)
            let elements = Array("<Error>\(String(repeating: "<a/>", count: 15_000_000))".utf8)
            for kind in ["list", "get"] {
                bench.store.reset { $0.kind == kind ? .instead(.init(status: status, body: elements), isDone: false) : nil }
                let (outcome, peak) = try await bench.runMeasured("verify", "p.yml")
                #expect(peak < Self.limit, "\(peak) MiB: \(outcome.testDescription.prefix(3000))")
                #expect(outcome.status != 0, "\(outcome.testDescription.prefix(3000))")
            }
        }
    }
}
