import SampleAPI
import Testing

@Suite struct RouteTests {
    @Test(
        "paths without their last slash, and unknown ones, are web pages",
        arguments: ["/api/conversations", "/", "/api/me", "/api/x/", "/api/conversations/x/"])
    func unknownPaths(path: String) async throws {
        try await withSampleService { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).get(path)
            #expect(answer.status == 404)
            #expect(answer.headers["content-type"]?.hasPrefix("text/html") == true)
        }
    }

    @Test(
        "a key that may not read is refused in the service's words",
        arguments: [
            (String?.none, 401, "Authentication credentials were not provided."),
            ("ags_ffffffffffffffffffffffffffffffff_ffffff", 401, "Invalid API key."),
            (SampleService.unpaidKey, 401, "This agent has no active subscription."),
            (SampleService.forbiddenKey, 403, "You do not have permission to perform this action."),
        ])
    func keys(key: String?, status: Int, words: String) async throws {
        try await withSampleService { endpoint, _ in
            let client = RawClient(endpoint: endpoint, key: key)
            let json = try await client.list()
            #expect(json.status == status)
            #expect(json.text == #"{"detail":"\#(words)"}"#)
            let html = try await client.list(headers: ["Accept": "text/html"])
            #expect(html.status == status)
            #expect(html.text.hasPrefix("<!doctype html>"))
        }
    }

    @Test(
        "older deployments lack identity and metadata keys",
        arguments: [
            "/api/me/", "/api/conversations/metadata-keys/", "/api/conversations/message-metadata-keys/",
        ])
    func generations(path: String) async throws {
        try await withSampleService(.init(generation: .old)) { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).get(path)
            #expect(answer.status == 404)
        }
        try await withSampleService(.init(generation: .new)) { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).get(path)
            #expect(answer.status == 200)
            #expect(answer.text.hasPrefix(path == "/api/me/" ? #"{"agent_id":12,"# : #"{"keys":[""#))
        }
    }

    @Test("a single row is whole, with tickets and token usage, even when it is deleted")
    func single() async throws {
        try await withSampleService { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            let id = try #require(try service.matchingIDs([.init(name: "include_tickets", value: "true")]).first)
            service.mutate(.softDelete(id: id))
            let answer = try await client.get("/api/conversations/\(id)/?full=false")
            #expect(answer.text.contains(#""messages":["#))
            #expect(answer.text.contains(#""tickets":[{"#))
            #expect(answer.text.contains(#""token_usage":"#))
            #expect(answer.text.contains(#""is_deleted":true"#))
            #expect(
                try await client.get("/api/conversations/999999/").text == #"{"detail":"No Conversation matches the given query."}"#
            )
        }
    }

    @Test("a parameter that is wrong is a 400 that names it; one that is unknown or empty is ignored")
    func parameters() async throws {
        try await withSampleService { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            let bad = try await client.list([
                "environment": "staging", "is_marked": "maybe", "started_at_after": "yesterday", "metadata": "tier",
            ])
            #expect(bad.status == 400)
            #expect(
                bad.text == #"{"environment":["Select a valid choice. staging is not one of the available choices."],"#
                    + #""is_marked":["Must be a valid boolean."],"metadata":["Expected key:value pairs, separated by commas."],"#
                    + #""started_at_after":["Enter a valid date/time."]}"#
            )
            let all = try await client.list(["page_size": "1"]).json()["count"] as? Int
            let typo = try await client.list(["page_size": "1", "custommer_id": "user-456", "device": ""]).json()["count"] as? Int
            #expect(typo == all)
        }
    }

    @Test("a filter this deployment ignores widens the answer, and leaves the oracle as it was")
    func ignoredFilters() async throws {
        var configuration = SampleService.Configuration()
        configuration.ignoredParameters = ["device", "started_at_before"]
        try await withSampleService(configuration) { endpoint, service in
            let all = try await RawClient(endpoint: endpoint).list(["page_size": "1"]).json()["count"] as? Int
            let asked =
                try await RawClient(endpoint: endpoint)
                .list(["page_size": "1", "device": "tablet", "started_at_before": "2026-03-24"]).json()["count"] as? Int
            #expect(asked == all)
            #expect(try service.matchingIDs([.init(name: "device", value: "tablet")]).count < 100)
        }
    }

    @Test("only reading is allowed")
    func methods() async throws {
        try await withSampleService { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).get("/api/conversations/", method: "POST")
            #expect(answer.status == 405)
        }
    }

    @Test("who accepts gzip gets it, and what is in it is the answer")
    func compression() async throws {
        try await withSampleService(dataset: .settled) { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            let plain = try await client.list(["page_size": "100", "ordering": "id"])
            let packed = try await client.list(
                ["page_size": "100", "ordering": "id"], headers: ["Accept-Encoding": "deflate, gzip"])
            #expect(plain.headers["content-encoding"] == nil)
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(plain.body.count > 65_535)
            #expect(try StoredBlocks.decode(packed.body) == plain.body)
        }
    }
}
