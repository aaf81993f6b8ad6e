import Foundation
import SampleAPI
import Testing

/// What stands for a window is given up for fewer rows only where the service says so twice, and an answer that is no list of the service's
/// own is never taken for an empty one.
@Suite struct FewerRowsTests {
    private static let pipeline = """
        version: 1
        name: p
        window: { from: 2026-03-23, to: 2026-04-06, every: all }
        fetch: { retries: 1, concurrency: 1, page_size: 50 }
        destination: out
        outputs: [{ path: all.ndjson, compression: none }]
        """

    private struct Manifest: Decodable {
        let status: String
        let proof: Proof

        struct Proof: Decodable {
            let distinctIds: Int
            let countAfter: Int
            let repaired: Int
        }
    }

    private struct Record: Decodable {
        let summary: Summary

        struct Summary: Decodable {
            let fewerRows: Int?
        }
    }

    private static func manifest(_ folder: TemporaryFolder, _ key: String = "all") throws -> Manifest {
        try decoder.decode(Manifest.self, from: folder.read("out/_agentsight/windows/\(key).json"))
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// What lies there, but for the records of runs.
    private static func files(_ folder: TemporaryFolder) throws -> [String: Data] {
        try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/runs/") }
    }

    /// Exports the sample, and then again what the service has become.
    private func exportAgain(
        _ arguments: [String] = ["--force"], prepare: (SampleService) -> Void = { _ in },
        service configure: (inout SampleService.Configuration) -> Void,
        check: (TemporaryFolder, Command.Outcome, _ before: [String: Data], _ rows: Int) throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            let first = try await withSampleService { endpoint, _ in
                try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
            }
            #expect(first.status == 0, "\(first.testDescription)")
            let (before, rows) = try (Self.files(folder), Self.manifest(folder).proof.distinctIds)
            #expect(rows > 300)
            var configuration = SampleService.Configuration()
            configure(&configuration)
            let outcome = try await withSampleService(configuration) { endpoint, service in
                prepare(service)
                return try await Command.run(
                    ["run", "p.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key)
            }
            try check(folder, outcome, before, rows)
        }
    }

    private static func empty(_ configuration: inout SampleService.Configuration) {
        configuration.faults = .random(seed: 1, probability: 1, among: [.listEmpty])
    }

    @Test("a window that had rows and has none is asked for twice, told with both numbers, and then taken")
    func believed() async throws {
        try await exportAgain(service: Self.empty) { folder, outcome, _, rows in
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(
                outcome.errors.contains(
                    """
                    warning: p, window all: the service returned 0 rows, but the last export has \(rows). A second read gave the \
                    same number, and these rows were exported. If rows should not be missing, check the service, then run again \
                    with --force
                    """), "\(outcome.testDescription)")
            let manifest = try Self.manifest(folder)
            #expect(manifest.status == "proved" && manifest.proof.distinctIds == 0)
            // One for the agent, and two reads.
            #expect(outcome.errors.contains("  3 requests "), "\(outcome.testDescription)")
            let records = try folder.files(below: "out/_agentsight/runs").sorted { $0.key < $1.key }.map {
                try Self.decoder.decode(Record.self, from: $0.value).summary.fewerRows
            }
            #expect(records == [nil, 1])
        }
    }

    @Test("where another declaration asks for the same rows, what stands is compared too")
    func otherOutputs() async throws {
        let arguments = ["--force", "--set", "outputs=[{ format: csv, path: all.csv, columns: [id] }]"]
        try await exportAgain(arguments, service: Self.empty) { _, outcome, _, rows in
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(
                outcome.errors.contains("the service returned 0 rows, but the last export has \(rows)"),
                "\(outcome.testDescription)")
        }
        try await exportAgain(["--set", "filters.device=tablet"], service: Self.empty) { _, outcome, _, _ in
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(!outcome.errors.contains(" stand; "), "other rows were asked for: \(outcome.testDescription)")
        }
    }

    @Test("where the second walk brings the rows, they stand there as before, and that is told")
    func recovered() async throws {
        try await exportAgain(
            service: { $0.faults = .during(2...2, .listEmpty) },
            check: { folder, outcome, before, rows in
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(
                    outcome.errors.contains(
                        "p, window all: the service returned 0 rows, but the last export has \(rows). A second read gave \(rows), which were exported"
                    ),
                    "\(outcome.testDescription)")
                let (now, manifest) = try (folder.read("out/all.ndjson"), Self.manifest(folder))
                #expect(now == before["all.ndjson"])
                #expect(manifest.status == "proved")
            })
    }

    @Test("where two walks disagree and both bring few rows, what stood there stays, and the exit code says so")
    func doubted() async throws {
        try await exportAgain(
            prepare: { service in
                for id in (try? service.matchingIDs([]).dropFirst(3)) ?? [] { service.mutate(.softDelete(id: id)) }
            },
            service: { $0.faults = .during(2...2, .listEmpty) },
            check: { folder, outcome, before, rows in
                #expect(outcome.status == 75, "\(outcome.testDescription)")
                #expect(
                    outcome.errors.contains(
                        """
                        warning: p, window all: the service returned 0 rows, but the last export has \(rows). A second read gave 3, and the responses \
                        contradict each other. The window was not committed, and its last export stays. Try again later
                        """), "\(outcome.testDescription)")
                let now = try Self.files(folder)
                #expect(now == before)
            })
    }

    @Test("what is no list of the service's own is never taken for an empty one", arguments: answers)
    func strangers(name: String, answer: CannedResponse, status: Int32) async throws {
        try await exportAgain(
            service: { $0.cannedResponse = { _, route in route == .conversations ? answer : nil } },
            check: { folder, outcome, before, _ in
                #expect(outcome.status == status, "\(outcome.testDescription)")
                let now = try Self.files(folder)
                #expect(now == before)
            })
    }

    private static let emptyList = #"{"count":0,"next":null,"previous":null,"results":[]}"#

    private static func made(_ body: String, _ status: Int = 200, type: String = "application/json") -> CannedResponse {
        CannedResponse(status: status, headers: ["Content-Type": type], body: Array(body.utf8))
    }

    private static let answers: [(String, CannedResponse, Int32)] = [
        ("the first page out of range", made(#"{"detail":"Invalid page."}"#, 404), 1),
        ("a page size that is refused", made(#"{"detail":"Invalid page size."}"#, 404), 1),
        ("a plan that is too small", made(#"{"detail":"Invalid page: your plan has no pages."}"#, 404), 1),
        ("a 404 of another language", made(#"{"detail":"Ungültige Seite."}"#, 404), 1),
        ("a 404 in HTML", made("Invalid page.", 404, type: "text/html"), 1),
        ("a list under 201", made(emptyList, 201), 1),
        ("a list under 203", made(emptyList, 203), 1),
        ("nothing under 204", made("", 204), 1),
        ("a part under 206", made(emptyList, 206), 1),
        ("a 304", made("", 304), 1),
        ("a list under 410", made(emptyList, 410), 1),
        ("an error under 200", made(#"{"detail":"Not found."}"#), 1),
        ("an error with a count", made(#"{"count":0,"error":"no database"}"#), 1),
        ("a bare array", made("[]"), 1),
        ("null", made("null"), 1),
        ("results of null", made(#"{"count":0,"next":null,"results":null}"#), 1),
        ("results in an object", made(#"{"count":0,"next":null,"results":{}}"#), 1),
        ("a count of null", made(#"{"count":null,"next":null,"results":[]}"#), 1),
        ("a count below nothing", made(#"{"count":-1,"next":null,"results":[]}"#), 1),
        ("a count that is text", made(#"{"count":"0","next":null,"results":[]}"#), 1),
        ("a count with a fraction", made(#"{"count":0.0,"next":null,"results":[]}"#), 1),
        ("a count of rows that do not come", made(#"{"count":5,"next":null,"results":[]}"#), 1),
        ("a next page that is no link", made(#"{"count":0,"next":false,"results":[]}"#), 1),
        ("an empty list that names a next page", made(#"{"count":0,"next":"http://a/?page=2","results":[]}"#), 75),
        ("results twice", made(#"{"count":0,"next":null,"results":[{"id":1}],"results":[]}"#), 1),
    ]

    @Test("a count of none beside a row is asked for again, and nothing is fetched again for it")
    func countBesideRow() async throws {
        func run(_ faults: FaultPlan) async throws -> (requests: Int, Manifest) {
            var configuration = SampleService.Configuration()
            configuration.faults = faults
            return try await withSampleService(configuration) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline, to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    return (service.statistics.requests, try Self.manifest(folder))
                }
            }
        }
        // The last request counts the whole.
        let requests = try await run(.none).requests
        let (again, manifest) = try await run(.schedule([requests: .countZero]))
        #expect(again == requests + 1)
        #expect(manifest.status == "proved" && manifest.proof.repaired == 0)
    }

    @Test(
        "deleted rows alone are not taken for none where rows do not show which are deleted",
        arguments: ["", #","is_deleted":null"#])
    func withoutIsDeleted(member: String) async throws {
        var configuration = SampleService.Configuration()
        let row = #"{"id":1,"started_at":"2026-03-24T00:00:00Z"\#(member)}"#
        let answer = Self.made(#"{"count":1,"next":null,"previous":null,"results":[\#(row)]}"#)
        configuration.cannedResponse = { _, route in route == .conversations ? answer : nil }
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run(
                    "run", "p.yml", "--set", "filters.only_deleted=true", in: folder, endpoint: endpoint)
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                #expect(
                    outcome.errors.contains("a row without is_deleted, which only_deleted needs"),
                    "\(outcome.testDescription)")
                let all = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(all.status == 0, "\(all.testDescription)")
            }
        }
    }
}
