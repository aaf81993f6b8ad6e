import Foundation
import SampleAPI
import Testing

@Suite struct BadInputTests {
    @Test(
        "a wrong file sends nothing, leaves nothing, and is explained",
        arguments: [
            ("{ version: 1, destination: out, windw: {} }", "p.yml:1:33"),
            ("{ version: 1, destination: out, filters: { devise: mobile } }", "device"),
            ("{ version: 1, destination: out, filters: { is_marked: maybe } }", "is_marked"),
            ("{ version: 1, destination: out, window: { from: 2026-02-30, every: day } }", "2026-02-30"),
            ("{ version: 1, destination: out, window: { from: 2026-03-02, to: 2026-03-01 } }", "from"),
            ("{ version: 1, destination: out, outputs: [{ path: ../x }] }", "destination"),
            ("{ version: 1, destination: out, window: { from: -3d, every: day }, outputs: [{ path: x.gz }] }", "x.gz"),
            ("{ version: 1, destination: out, source: { api_key: ags_0123 } }", "api_key"),
            ("{ version: 1, destination: \"s3://bucket/prefix\" }", "AWS_ACCESS_KEY_ID"),
            ("{ version: 1, destination: { url: \"s3://bucket\", endpoint: \"http://example.com\" } }", "allow_http"),
            ("{ version: 1, destination: { url: exports } }", "s3://bucket/prefix"),
            ("version: [", "p.yml"),
        ])
    func wrongFile(text: String, expected: String) async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(text, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 2, "\(outcome.testDescription)")
                #expect(outcome.errors.contains(expected), "\(outcome.testDescription)")
                #expect(!outcome.errors.contains("ags_0123"))
                #expect(outcome.output.isEmpty)
                #expect(service.statistics.requests == 0)
                #expect(try folder.files().keys.sorted() == ["p.yml"])
            }
        }
    }

    static let pipeline = "{ version: 1, name: p, destination: out }"

    @Test("no key, and a key file that is not there or holds none, send nothing")
    func noKey() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write("two words\n", to: "key")
                for (arguments, word) in [
                    ([], "AGENTSIGHT_API_KEY"), (["--set", "source.api_key_file=absent"], "absent"),
                    (["--set", "source.api_key_file=key"], "does not contain an API key"),
                ] {
                    let outcome = try await Command.run(["run", "p.yml"] + arguments, in: folder, endpoint: endpoint, key: nil)
                    #expect(outcome.status == 2, "\(outcome.testDescription)")
                    #expect(outcome.errors.contains(word), "\(outcome.testDescription)")
                }
                #expect(service.statistics.requests == 0)
                #expect(try folder.files().keys.sorted() == ["key", "p.yml"])
            }
        }
    }

    @Test(
        "where too few files may be opened, a command says how many it needs, and does not begin",
        arguments: [6, 8, 10, 16, 20, 32, 64])
    func fewFiles(limit: Int) async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                for command in [
                    "run p.yml", "dump -o x.csv", "status p.yml", "verify p.yml --server", "sample-server --port 0", "probe",
                ] {
                    let script = #"ulimit -n \#(limit); exec "$COMMAND" \#(command)"#
                    let outcome = try await Command.runScript(script, in: folder, endpoint: endpoint)
                    #expect(outcome.status == 2, "\(command): \(outcome.testDescription)")
                    let said =
                        /error: this process may open only \d+ more files, but needs \d+: raise the limit \(`ulimit -n \d+` in the shell, or LimitNOFILE= of systemd\)\.\n/
                    #expect(outcome.errors.wholeMatch(of: said) != nil, "\(command): \(outcome.testDescription)")
                }
                #expect(service.statistics.requests == 0)
                #expect(try folder.files().keys.sorted() == ["p.yml"])
            }
        }
    }

    @Test("with as many files as a command says that it needs, a run ends, one way or the other, and traps nowhere")
    func enoughFiles() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    "{ version: 1, name: p, window: { from: 2026-03-20, to: 2026-04-10, every: day }, destination: out }",
                    to: "p.yml")
                let script = #"""
                    needed=$(ulimit -n 32; "$COMMAND" run p.yml 2>&1 | sed -n 's/.*needs \([0-9]*\):.*/\1/p')
                    ulimit -n $((needed + 8)); exec "$COMMAND" run p.yml
                    """#
                let outcome = try await Command.runScript(script, in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
        }
    }

    @Test("a key from a file is used, and never shown")
    func keyFile() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write(Sample.key + "\n", to: "key")
                let outcome = try await Command.run(
                    ["run", "p.yml", "-v", "--set", "source.api_key_file=key"], in: folder, endpoint: endpoint, key: nil)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(!outcome.errors.contains(Sample.key))
                #expect(try folder.files(below: "out").values.allSatisfy { $0.range(of: Data(Sample.key.utf8)) == nil })
            }
        }
    }

    @Test(
        "a key that the service refuses ends with 3, in the service's words, and leaves nothing",
        arguments: [
            ("ags_ffffffffffffffffffffffffffffffff_ffffff", "401"), (SampleService.unpaidKey, "subscription"),
            (SampleService.forbiddenKey, "403"),
        ])
    func refusedKey(key: String, word: String) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint, key: key)
                #expect(outcome.status == 3, "\(outcome.testDescription)")
                #expect(outcome.errors.contains(word), "\(outcome.testDescription)")
                #expect(!outcome.errors.contains(key))
                #expect(try folder.files().keys.sorted() == ["p.yml"])
            }
        }
    }

    @Test("a host that is not there is worth trying again, after a few tries")
    func noHost() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            // Port 1 of the loopback: nothing listens there.
            let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: "http://127.0.0.1:1")
            #expect(outcome.status == 75, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("no connection"), "\(outcome.testDescription)")
            #expect(try folder.files().keys.sorted() == ["p.yml"])
        }
    }

    @Test("HTML, an empty body and what is no JSON are named as what they are", arguments: [Fault.htmlBody, .emptyBody, .cutJSON])
    func malformed(fault: Fault) async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .random(seed: 1, probability: 1, among: [fault])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", "--set", "fetch.retries=1", in: folder, endpoint: endpoint)
                // A page comes from between and goes; what is no JSON, the same each time, does not.
                #expect(outcome.status == (fault == .htmlBody ? 75 : 1), "\(outcome.testDescription)")
                #expect(outcome.errors.contains("unusable response") == (fault != .htmlBody), "\(outcome.testDescription)")
                #expect(outcome.errors.contains("HTML") == (fault == .htmlBody), "\(outcome.testDescription)")
                #expect(try folder.files().keys.sorted() == ["p.yml"])
            }
        }
    }

    @Test("a destination that is a file is left alone, and nothing is sent")
    func destinationIsAFile() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write("mine", to: "out")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 2, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("is a file"))
                #expect(try folder.read("out") == Data("mine".utf8))
                #expect(service.statistics.requests == 0)
            }
        }
    }

    @Test("a destination of another pipeline is left alone")
    func otherPipeline() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write(Self.pipeline.replacingOccurrences(of: "name: p", with: "name: q"), to: "q.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let before = try folder.files(below: "out")
                let outcome = try await Command.run("run", "q.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 2, "\(outcome.testDescription)")
                #expect(try folder.files(below: "out") == before)
            }
        }
    }

    @Test("five mistakes in one file are all shown, each at its line and column")
    func fiveMistakes() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(
                """
                version: 1
                destination: out
                filters:
                  devise: mobile
                  is_marked: perhaps
                window:
                  from: 2026-02-30
                  every: fortnight
                fetch:
                  concurrency: 900

                """, to: "p.yml")
            let outcome = try await Command.run("validate", "p.yml", in: folder)
            #expect(outcome.status == 2)
            for place in ["p.yml:4:3", "p.yml:5:14", "p.yml:7:9", "p.yml:8:10", "p.yml:10:16"] {
                #expect(outcome.errors.contains("\(place): error"), "\(place)\n\(outcome.testDescription)")
            }
            let json = try await Command.run("validate", "p.yml", "--format", "json", in: folder)
            let answer = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let files = answer?["files"] as? [[String: Any]]
            #expect(answer?["ok"] as? Bool == false)
            #expect((files?.first?["problems"] as? [Any])?.count == 5)
        }
    }

    @Test(
        "an option that is not known, or a command, ends with 2",
        arguments: [["run"], ["dance"], ["run", "p.yml", "--fast"], ["validate", "absent.yml"]])
    func usage(arguments: [String]) async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await Command.run(arguments, in: folder, endpoint: nil, key: nil)
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(outcome.output.isEmpty)
        }
    }
}
