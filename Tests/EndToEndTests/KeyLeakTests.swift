import Foundation
import SampleAPI
import Testing

/// The key goes to its own service and nowhere else; content goes to the data files and nowhere else.
@Suite struct KeyLeakTests {
    private static let pipeline = "{ version: 1, destination: out, fetch: { retries: 1 } }"

    @Test("a redirect is not followed, so the key reaches no other host")
    func redirect() async throws {
        try await withSampleService { other, stranger in
            var configuration = SampleService.Configuration()
            configuration.faults = .random(seed: 1, probability: 1, among: [.redirect(to: other + "/api/conversations/")])
            try await withSampleService(configuration) { endpoint, _ in
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline, to: "p.yml")
                    for arguments in [
                        ["run", "p.yml"], ["probe"], ["preview", "p.yml"], ["dump"], ["plan", "p.yml", "--counts"],
                    ] {
                        let outcome = try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
                        #expect(outcome.status == 1, "\(arguments) \(outcome.testDescription)")
                        #expect(outcome.errors.contains("redirect"), "\(outcome.testDescription)")
                    }
                    #expect(stranger.statistics.requests == 0)
                }
            }
        }
    }

    @Test(
        "a certificate that nobody vouches for is refused before the key is sent, whatever the environment says that turns others' checks off",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl"), "openssl is not installed"))
    func selfSigned() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            // The server shows all that it is sent. It is asked for its port until it says so, or is gone.
            let outcome = try await Command.runScript(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
                  -keyout key.pem -out cert.pem 2>/dev/null || exit 90
                mkfifo open; sleep 600 > open & hold=$!
                trap 'kill $server $hold' EXIT
                openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem < open > server 2>&1 & server=$!
                until port=$(sed -n 's/^ACCEPT .*:\\([0-9]*\\)$/\\1/p' server) && [ -n "$port" ]; do kill -0 $server || exit 91; done
                export NODE_TLS_REJECT_UNAUTHORIZED=0 PYTHONHTTPSVERIFY=0 GIT_SSL_NO_VERIFY=1 SSL_VERIFY=0
                AGENTSIGHT_API_ENDPOINT=https://127.0.0.1:$port "$COMMAND" run p.yml -v
                """, in: folder)
            #expect(outcome.status == 75, "\(outcome.testDescription)")
            let error = """
                warning: p, window all: the service gave no usable response in 2 tries: no connection (the host's TLS certificate \
                is not trusted by this machine). Try again later; committed windows stay, and only the others are fetched.
                """
            #expect(outcome.errors.split(separator: "\n").contains(error[...]), "\(outcome.testDescription)")
            let received = String(decoding: try folder.read("server"), as: UTF8.self)
            #expect(!received.contains("Api-Key") && !received.contains("GET"), "\(received)")
        }
    }

    @Test(
        "a server that speaks no TLS of 1.2 or later is refused by all that is asked, and the message says so and what to do",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl"), "openssl is not installed"),
        arguments: ["-tls1", "-tls1_1"])
    func oldTLS(version: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            try folder.write("secret-token", to: "token")
            // The security level of the library allows nothing so old otherwise. A server whose input ends, ends.
            let outcome = try await Command.runScript(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
                  -keyout key.pem -out cert.pem 2>/dev/null || exit 90
                mkfifo open; sleep 600 > open & hold=$!
                trap 'kill $server $hold' EXIT
                openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem \(version) -cipher ALL:@SECLEVEL=0 < open > server 2>&1 &
                server=$!
                until port=$(sed -n 's/^ACCEPT .*:\\([0-9]*\\)$/\\1/p' server) && [ -n "$port" ]; do kill -0 $server || exit 91; done
                old=https://127.0.0.1:$port
                AGENTSIGHT_API_ENDPOINT=$old "$COMMAND" run p.yml -v
                AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_ENDPOINT_URL_S3=$old "$COMMAND" verify s3://bucket/x
                AWS_ROLE_ARN=r AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ENDPOINT_URL_STS=$old AWS_ENDPOINT_URL_S3=http://127.0.0.1:1 \
                  timeout -s INT 2 "$COMMAND" verify s3://bucket/x -v
                AGENTSIGHT_API_ENDPOINT=http://127.0.0.1:1 "$COMMAND" run p.yml -q --notify $old/hook
                """, in: folder)
            let words = "supports neither TLS 1.2 nor TLS 1.3, and older versions are not accepted: enable TLS 1.2 or 1.3 on it"
            let lines = outcome.errors.split(separator: "\n").filter { $0.contains(words) }
            #expect(lines.contains { $0.contains("window all: the service gave no usable response") }, "\(outcome.testDescription)")
            #expect(lines.contains { $0.contains("s3://bucket/x: the request to the store failed") }, "\(outcome.testDescription)")
            #expect(lines.contains { $0.contains("no notification was delivered to 127.0.0.1") }, "\(outcome.testDescription)")
            #expect(lines.contains { $0.contains("retrying the request for credentials") }, "\(outcome.testDescription)")
            let received = String(decoding: try folder.read("server"), as: UTF8.self)
            for word in ["Api-Key", "GET", "POST", "secret-token"] { #expect(!received.contains(word), "\(received)") }
        }
    }

    private static let marker = "MARKER-7f3a-of-content"

    static let failures: [(String, @Sendable (inout SampleService.Configuration) -> Void)] = [
        ("none", { _ in }),
        ("500 in JSON", { $0.faults = .during(3...100_000, .status(500)) }),
        ("503 in HTML", { $0.faults = .during(3...100_000, .status(503, html: true)) }),
        ("reset", { $0.faults = .during(3...100_000, .resetInBody) }),
        ("cut body", { $0.faults = .during(3...100_000, .cutBody) }),
        ("cut JSON", { $0.faults = .during(3...100_000, .cutJSON) }),
        ("HTML", { $0.faults = .during(3...100_000, .htmlBody) }),
        ("stall in the body", { $0.faults = .during(3...100_000, .stallInBody(.seconds(600))) }),
        ("throttled", { $0.faults = .during(3...100_000, .throttle(retryAfter: "86400")) }),
        ("wrong counts", { $0.faults = .random(seed: 1, probability: 1, among: [.countOff(by: 1)]) }),
        ("rows outside", { $0.faults = .during(3...100_000, .rowOutsideWindow) }),
        ("a filter ignored", { $0.ignoredParameters = ["is_marked"] }),
        ("key revoked", { $0.changes = [Change(fromRequest: 3, .keysRevoked)] }),
        (
            "no JSON, with content before it shows",
            { configuration in
                let text =
                    #"{"count":1,"results":[{"id":1,"started_at":"2026-03-24T00:00:00Z","name":"\#(marker) \#(SampleService.key)","#
                configuration.cannedResponse = { number, _ in number < 3 ? nil : CannedResponse(body: Array(text.utf8)) }
            }
        ),
        (
            "a refusal that repeats the key",
            { configuration in
                let text = #"{"detail":"the key Api-Key \#(SampleService.key) is unknown"}"#
                configuration.cannedResponse = { number, _ in number < 3 ? nil : CannedResponse(status: 403, body: Array(text.utf8))
                }
            }
        ),
    ]

    @Test(
        "neither the key nor any content is in what a run says, or keeps beside the data", arguments: failures.map(\.0),
        ["text", "json"])
    func silence(failure: String, format: String) async throws {
        var configuration = SampleService.Configuration()
        try #require(Self.failures.first { $0.0 == failure }).1(&configuration)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 120)) { endpoint, service in
            for id in try service.matchingIDs([]) {
                service.mutate(.setMetadata(id: id, key: "note", value: Self.marker))
                service.mutate(.setDevice(id: id, Self.marker))
            }
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    filters: { is_marked: false }
                    window: { from: 2026-03-24, to: 2026-03-28, every: day }
                    fetch: { page_size: 10, concurrency: 2, retries: 1 }
                    destination: out
                    outputs: [{ path: "{date}.ndjson.gz" }, { format: csv, path: "{date}.csv.gz" }]
                    """, to: "p.yml")
                let timeout = failure.contains("stall") ? "1s" : "60s"
                let outcome = try await Command.run(
                    "run", "p.yml", "-v", "--log-format", format, "--set", "fetch.timeout=\(timeout)", in: folder,
                    endpoint: endpoint)
                #expect((outcome.status == 0) == (failure == "none"), "\(outcome.testDescription)")
                #expect([0, 1, 3, 4, 75].contains(outcome.status), "\(outcome.testDescription)")
                var told = [Data(outcome.output.utf8), Data(outcome.errors.utf8)]
                // A spool holds rows that wait for their proof: it is data.
                told += try folder.files(below: "out").filter {
                    $0.key.hasPrefix("_agentsight/") && !$0.key.hasPrefix("_agentsight/spool/")
                }.map(\.value)
                for secret in [Sample.key, String(Sample.key.dropFirst(4).prefix(12)), Self.marker] {
                    #expect(told.allSatisfy { $0.range(of: Data(secret.utf8)) == nil }, "\(outcome.testDescription)")
                }
            }
        }
    }
}
