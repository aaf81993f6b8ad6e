import SampleAPI
import Testing

@Suite struct FiltersTests {
    /// The cases for one of the deployments: of each generation all, in turn; and those of time and of deleted rows, which order and
    /// bounds of the service bear upon, for each of the new one.
    private static func cases(for deployment: Sample.Deployment) throws -> [Sample.Case] {
        let alike = Sample.Deployment.all.filter { $0.generation == deployment.generation }
        let turn = try #require(alike.firstIndex { $0.description == deployment.description })
        let cases = try Sample.cases(deployment.generation)
        #expect(cases.count > 80)
        return cases.enumerated().filter { index, sample in
            let isOfTime = ["started_at", "include_deleted"].contains { sample.filters.contains($0) }
            return index % alike.count == turn || (deployment.generation == .new && (isOfTime || sample.isEmpty))
        }.map(\.element)
    }

    @Test("every filter, alone and combined, gives exactly the ids of an independent evaluation", arguments: Sample.Deployment.all)
    func filters(deployment: Sample.Deployment) async throws {
        let cases = try Self.cases(for: deployment)
        #expect(cases.count > 20)
        try await withSampleService(deployment.configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                for sample in cases {
                    try folder.write(
                        """
                        version: 1
                        filters: \(sample.filters)
                        destination: out
                        outputs: [{ format: ndjson, compression: none, columns: [id] }]
                        """, to: "case.yml")
                    let outcome = try await Command.run("run", "case.yml", "--stdout", in: folder, endpoint: endpoint)
                    let ids = outcome.output.split(separator: "\n").map(String.init)
                    #expect(outcome.status == 0, "\(sample.name): \(outcome.errors)")
                    #expect(ids == sample.ids.map { "{\"id\":\($0)}" }, "\(sample.name)")
                }
            }
        }
    }

    @Test(
        "a filter that the service does not honour ends the run and is named",
        arguments: [
            ("device: mobile", "device"), ("language: de", "language"), ("environment: production", "environment"),
            ("customer_id: user-456", "customer_id"), ("customer_id__icontains: premium", "customer_id__icontains"),
            ("is_marked: true", "is_marked"), ("is_marked: false", "is_marked"), ("name: parcel", "name"),
            ("has_messages: false", "has_messages"), ("has_feedback: true", "has_feedback"),
            ("feedback_sentiment: negative", "feedback_sentiment"), ("feedback_source: customer", "feedback_source"),
            ("message_contains: password reset", "message_contains"), ("metadata: { priority: high }", "metadata"),
            ("customer_ip_address: 203.0.113.45", "customer_ip_address"), ("conversation_id: conv-none", "conversation_id"),
            ("started_at_after: 2026-03-30", "started_at_after"), ("started_at_before: 2026-03-30", "started_at_before"),
        ])
    func notApplied(filter: String, name: String) async throws {
        var configuration = SampleService.Configuration()
        configuration.ignoredParameters = [name]
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write("{ version: 1, filters: { \(filter) }, destination: out }", to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("did not apply “\(name)"), "\(outcome.testDescription)")
                #expect(try folder.files(below: "out").isEmpty)
            }
        }
    }

    @Test("a service that ignores full ends the run where rows show it, and nothing is written", arguments: ["full", "lean"])
    func detail(detail: String) async throws {
        for generation in SampleService.Generation.allCases {
            var configuration = SampleService.Configuration(generation: generation)
            if detail == "lean" {
                configuration.ignoredParameters = ["full"]
            } else {
                configuration.fixedParameters = ["full": "false"]
            }
            try await withSampleService(configuration) { endpoint, _ in
                try await TemporaryFolder.with { folder in
                    try folder.write("{ version: 1, source: { detail: \(detail) }, destination: out }", to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 1, "\(outcome.testDescription)")
                    #expect(outcome.errors.contains("did not apply “full”: it returned a row with another detail"))
                    #expect(outcome.errors.contains("Set source.detail"), "\(outcome.testDescription)")
                    #expect(try folder.files(below: "out").isEmpty)
                }
            }
        }
    }

    @Test("rows of both generations are of the detail that was asked for", arguments: SampleService.Generation.allCases)
    func bothDetails(generation: SampleService.Generation) async throws {
        try await withSampleService(SampleService.Configuration(generation: generation)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                for detail in ["full", "lean"] {
                    let outcome = try await Command.run(
                        "dump", "--detail", detail, "--filter", "include_deleted=true", "-q", "-o", "\(detail).ndjson", in: folder,
                        endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                }
            }
        }
    }

    @Test("a parameter of extra that the service ignores is refused before anything is written or shown, unless it is unchecked")
    func ignoredExtra() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let filters = "filters: { extra: { client: user-456 } }, window: { from: 2026-03-01, to: 2026-05-01, every: all }"
                try folder.write("{ version: 1, name: p, \(filters), destination: out }", to: "p.yml")
                let words = "the service ignores “client”, which filters.extra sends: it counts "
                for arguments in [
                    ["run", "p.yml"], ["run", "p.yml", "--stdout"], ["dump", "--extra", "client=user-456", "-o", "d"],
                    ["plan", "p.yml", "--counts"], ["preview", "p.yml"],
                ] {
                    let refused = try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(refused.status == 2 && refused.errors.contains(words), "\(refused.testDescription)")
                    #expect(refused.output.isEmpty)
                }
                #expect(try folder.files().keys.sorted() == ["p.yml"])
                for arguments in [
                    ["run", "p.yml", "--set", "filters.extra_unchecked=true"],
                    ["dump", "--extra", "client=user-456", "--extra-unchecked", "-o", "d", "--save", "d.yml"],
                    // What stands there is not asked for again.
                    ["run", "p.yml"],
                ] {
                    let sent = try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(sent.status == 0, "\(sent.testDescription)")
                }
                #expect(try String(decoding: folder.read("d.yml"), as: UTF8.self).contains("extra_unchecked: true"))
            }
        }
    }

    @Test("a parameter of extra that the service knows is sent, whatever the generation", arguments: ["user-456", "nobody"])
    func knownExtra(value: String) async throws {
        for generation in SampleService.Generation.allCases {
            var configuration = SampleService.Configuration(generation: generation)
            configuration.aliases = ["client": "customer_id"]
            try await withSampleService(configuration) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    let outcome = try await Command.run("dump", "--extra", "client=\(value)", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    let right = try service.matchingIDs([.init(name: "customer_id", value: value)]).count
                    #expect(outcome.output.split(separator: "\n").count == right)
                }
            }
        }
    }
}
