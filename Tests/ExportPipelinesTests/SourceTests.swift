import ExportCore
import ExportPipelines
import Testing

@Suite struct SourceTests {
    @Test("a file with nothing but a destination has every default")
    func defaults() throws {
        let plan = try plan(smallest, file: "pipelines/My export.v2.yml")
        #expect(plan.pipeline == "My-export.v2")
        #expect(
            plan.source
                == Source(
                    endpoint: "https://api.agentsight.io", key: .environment(variable: "AGENTSIGHT_API_KEY"),
                    stream: .conversations,
                    detail: .full, insecureHosts: []))
        #expect(plan.filters == Filters())
        #expect(plan.windowing == Windowing(every: .all, timezone: "UTC"))
        #expect(
            plan.windows == [
                Window(key: "all", range: TimeRange(start: nil, end: try at(noon)), paths: ["conversations.ndjson.gz"])
            ])
        #expect(plan.fetch == FetchSettings())
        #expect(plan.destination == .folder("out"))
        #expect(
            plan.outputs == [
                Output(
                    table: .conversations, format: .ndjson, compression: .gzip(level: nil), path: "{table}.ndjson.gz", columns: nil,
                    dialect: .warehouse)
            ])
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let description = "Permission denied"
    }

    @Test("key files whose folder cannot be read are not said to be missing")
    func unreadKeyFiles() throws {
        let loader = PipelineLoader(environment: [:], now: try at(noon), findFiles: { _ in throw Unreadable() })
        let problems = #expect(throws: PipelineProblems.self) {
            try loader.load("{ version: 1, destination: out, source: { agents: keys/*.key } }", file: "p.yml")
        }
        #expect("\(try #require(problems))".contains("the folder of \"keys/*.key\" cannot be read: Permission denied"))
    }

    @Test(
        "an endpoint is brought to one form",
        arguments: [
            ("https://API.agentsight.io/", "https://api.agentsight.io"), ("HTTPS://host:8443", "https://host:8443"),
            ("http://localhost:8080/", "http://localhost:8080"), ("http://127.1.2.3", "http://127.1.2.3"),
            ("http://[::1]:80", "http://[::1]:80"), ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            (" https://Host/AgentSight/ \\t", "https://host/AgentSight"),
            ("https://host:8443/a/b%20c", "https://host:8443/a/b%20c"),
        ])
    func endpoint(_ written: String, _ normal: String) throws {
        #expect(try plan(smallest + "source: { endpoint: \"\(written)\" }").source.endpoint == normal)
    }

    @Test(
        "plain http goes to the loopback and nowhere else",
        arguments: [
            "http://10.0.0.1", "http://127.0.0.1.evil.com", "http://localhost.evil.com", "http://128.0.0.1", "http://[::2]",
            "http://127.0.0.256", "http://0.0.0.0", "http://127.0.0.0.1", "http://1270.0.0.1", "http://127.0.0.1@evil.com",
            "http://evil.com#127.0.0.1",
        ])
    func plainHTTP(_ endpoint: String) throws {
        #expect(try complaints(smallest + "source: { endpoint: \"\(endpoint)\" }").count == 1)
    }

    @Test("plain http goes to a host that is listed on purpose")
    func listedHost() throws {
        let source = try plan(smallest + "source: { endpoint: \"http://Proxy:80\", allow_http: [proxy] }").source
        #expect(source.endpoint == "http://proxy:80")
        #expect(source.insecureHosts == ["proxy"])
    }

    @Test("AGENTSIGHT_API_ENDPOINT comes before the file, and the command line before both")
    func precedence() throws {
        let text = smallest + "source: { endpoint: https://file }\n"
        let environment = ["AGENTSIGHT_API_ENDPOINT": "https://environment/"]
        #expect(try plan(text, environment: environment).source.endpoint == "https://environment")
        #expect(try plan(text, environment: ["AGENTSIGHT_API_ENDPOINT": ""]).source.endpoint == "https://file")
        let set = PipelineOverrides(settings: ["source.endpoint=https://set"])
        #expect(try plan(text, environment: environment, set).source.endpoint == "https://set")
        #expect(
            try complaints(text, environment: ["AGENTSIGHT_API_ENDPOINT": "ftp://x"]) == [
                "error: AGENTSIGHT_API_ENDPOINT: \"ftp://x\" is not an endpoint: only http and https are supported; "
                    + "write https://api.agentsight.io"
            ])
    }

    @Test("references are expanded wherever text stands, and two dollar signs are one")
    func references() throws {
        let text = smallest + "filters: { name: \"a$$b$c ${X}${Y}$\", customer_id: \"${X}\" }\nfetch: { concurrency: \"${N}\" }\n"
        let plan = try plan(text, environment: ["X": "1${Y}", "Y": "2", "N": "4"])
        #expect(plan.filters.values == [.name: "a$b$c 1${Y}2$", .customerID: "1${Y}"])
        #expect(plan.fetch.concurrency == 4)
    }

    @Test("every setting of fetch arrives")
    func fetch() throws {
        let text =
            "fetch: { concurrency: 64, page_size: 1, page_limit_mib: 48, rate: 900/min, timeout: 1h, retries: 0, walk: pages, transfer: identity, unpaginated: all }\n"
        #expect(
            try plan(smallest + text).fetch
                == FetchSettings(
                    concurrency: 64, pageSize: 1, requestsPerSecond: 15, timeout: .seconds(3600), retries: 0, walk: .pages,
                    transfer: .identity, pageLimit: 48 << 20, unpaginated: .all))
    }

    @Test(
        "a destination is a folder or a bucket with a prefix",
        arguments: [
            ("exports/a b", DestinationLocation.folder("exports/a b")), ("/var/lib/x", .folder("/var/lib/x")),
            ("s3://my-bucket", .s3(ObjectLocation(bucket: "my-bucket", prefix: ""))),
            ("s3://my.bucket/a/b/", .s3(ObjectLocation(bucket: "my.bucket", prefix: "a/b"))),
        ])
    func destination(_ text: String, _ location: DestinationLocation) throws {
        #expect(try plan("version: 1\ndestination: \(text)\n").destination == location)
    }

    @Test("a store's settings are read, and its endpoint comes from the environment where the file has none")
    func store() throws {
        let whole = """
            version: 1
            destination:
              { url: "s3://b-ucket/a", endpoint: "HTTP://x.y:9000/", region: eu-west-1, path_style: false, lease: 2m, allow_http: [X.y] }
            """
        #expect(
            try plan(whole, environment: ["AWS_ENDPOINT_URL_S3": "https://other"]).destination
                == .s3(
                    ObjectLocation(
                        bucket: "b-ucket", prefix: "a", endpoint: "http://x.y:9000", region: "eu-west-1", usesPathStyle: false,
                        lease: .seconds(120))))
        func endpoint(_ environment: [String: String]) throws -> String? {
            guard case .s3(let location) = try plan("version: 1\ndestination: s3://bucket\n", environment: environment).destination
            else { return nil }
            return location.endpoint
        }
        #expect(try endpoint([:]) == nil)
        #expect(try endpoint(["AWS_ENDPOINT_URL": "http://127.0.0.1:9000"]) == "http://127.0.0.1:9000")
        #expect(try endpoint(["AWS_ENDPOINT_URL": "https://a", "AWS_ENDPOINT_URL_S3": "https://b"]) == "https://b")
        #expect(
            try complaints("version: 1\ndestination: s3://bucket\n", environment: ["AWS_ENDPOINT_URL": "http://a.b"]).first?
                .hasPrefix("error: AWS_ENDPOINT_URL: plain http would send") == true)
    }

    @Test("a destination alone is read as in a file")
    func destinationAlone() throws {
        let loader = PipelineLoader(environment: ["AWS_ENDPOINT_URL": "http://localhost:1"], now: try at(noon))
        #expect(
            try loader.destination("s3://bucket/a", argument: "it")
                == .s3(ObjectLocation(bucket: "bucket", prefix: "a", endpoint: "http://localhost:1")))
        #expect(try loader.destination("a/b", argument: "it") == .folder("a/b"))
        #expect(throws: PipelineProblems.self) { try loader.destination("s3://Bucket", argument: "it") }
    }
}
