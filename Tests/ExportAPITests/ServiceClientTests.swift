import ExportCore
import Logging
import NIOCore
import SampleAPI
import Testing

@testable import ExportAPI

@Suite struct ServiceClientTests {
    private func withClient<Result: Sendable>(
        _ endpoint: String, _ fetch: FetchSettings = FetchSettings(), _ body: (ServiceClient) async throws -> Result
    ) async throws -> Result {
        let key = try #require(APIKey(SampleService.key))
        return try await ServiceClient.withClients(
            of: [.init(endpoint: endpoint, isLoopback: true, key: key)], fetch: fetch, userAgent: "tests",
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        ) { try await body($0[0]) }
    }

    private static let request = ServiceRequest(path: "/api/conversations/")

    @Test(
        "what fails in passing is asked again, and the answer is whole",
        arguments: [
            Fault.status(500), .status(502, html: true), .status(503), .status(504), .resetBeforeAnswer, .resetInBody, .cutBody,
        ])
    func retries(fault: Fault) async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: fault, 2: fault])
        try await withSampleService(configuration) { endpoint, service in
            try await withClient(endpoint) { client in
                let (bytes, requests) = try await client.get(Self.request) { $0.size }
                #expect(bytes > 1000)
                #expect(requests == 3)
                let counts = client.counts
                #expect(counts.requests == 3)
                #expect(counts.retries == 2)
                // Bodies of errors were received too.
                #expect(counts.bytes >= bytes)
                #expect(service.statistics.requests == 3)
            }
        }
    }

    @Test("a body that its reader cannot use is asked for again; the same fault each time is worth no other try at another time")
    func unusable() async throws {
        try await withSampleService { endpoint, service in
            try await withClient(endpoint, FetchSettings(retries: 2)) { client in
                let error = await #expect(throws: ServiceError.self) {
                    try await client.get(Self.request) { _ in throw UnusableBody("no good") }
                }
                #expect(error == .unusable(reason: "no good", attempts: 3))
                #expect(error?.isRetryable == false)
                #expect(service.statistics.requests == 3)
            }
        }
    }

    @Test("bodies that cannot be used for changing reasons, beside other failures, or once alone, are worth trying again")
    func changing() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([4: .status(503)])
        try await withSampleService(configuration) { endpoint, service in
            func last(retries: Int) async throws -> ServiceError? {
                try await withClient(endpoint, FetchSettings(retries: retries)) { client in
                    await #expect(throws: ServiceError.self) {
                        try await client.get(Self.request) { _ in
                            throw UnusableBody("at byte \(min(service.statistics.requests, 2))")
                        }
                    }
                }
            }
            let changing = try await last(retries: 1)
            #expect(changing == .unavailable(last: .malformed(reason: "at byte 2"), attempts: 2))
            let besideOthers = try await last(retries: 1)
            #expect(besideOthers == .unavailable(last: .status(503), attempts: 2))
            let once = try await last(retries: 0)
            #expect(once == .unavailable(last: .malformed(reason: "at byte 2"), attempts: 1))
            let same = try await last(retries: 1)
            #expect(same == .unusable(reason: "at byte 2", attempts: 2))
        }
    }

    @Test("an answer that stalls, before its head or in its body, ends with the time allowed", arguments: [true, false])
    func timeout(inBody: Bool) async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: inBody ? .stallInBody(.seconds(600)) : .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration) { endpoint, _ in
            try await withClient(endpoint, FetchSettings(timeout: .seconds(8))) { client in
                let (bytes, requests) = try await client.get(Self.request) { $0.size }
                #expect(bytes > 1000)
                // On a machine that is busy the second one may take too long as well.
                #expect(requests >= 2)
            }
        }
    }

    @Test("a pause longer than is worth waiting for is not waited for")
    func longPause() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: .throttle(retryAfter: "3600")])
        try await withSampleService(configuration) { endpoint, _ in
            try await withClient(endpoint) { client in
                await #expect(throws: ServiceError.throttled(pause: .seconds(3600), attempts: 1)) {
                    try await client.get(Self.request) { _ in }
                }
                return
            }
        }
    }

    @Test("a service that fails from the first request on gets all the tries allowed, since it answers")
    func failsFromTheStart() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: .status(503), 2: .status(503), 3: .status(503), 4: .status(503)])
        try await withSampleService(configuration) { endpoint, _ in
            try await withClient(endpoint) { client in
                let requests = try await client.get(Self.request) { $0.size }.requests
                #expect(requests == 5)
            }
        }
    }

    @Test("what is final is not asked again")
    func final() async throws {
        try await withSampleService { endpoint, service in
            try await withClient(endpoint) { client in
                await #expect(throws: ServiceError.wrongEndpoint(status: 404, isHTML: true)) {
                    try await client.get(ServiceRequest(path: "/api/conversations")) { _ in }
                }
                #expect(service.statistics.requests == 1)
            }
        }
    }

    @Test("a host that never answered is not asked for long")
    func unreachable() async throws {
        try await withClient("http://127.0.0.1:1") { client in
            await #expect(
                throws: ServiceError.unavailable(
                    last: .connection(reason: "http://127.0.0.1:1: connection refused"), attempts: 3)
            ) {
                _ = try await client.get(Self.request) { _ in }
            }
            return
        }
    }

    @Test("gzip is asked for when it is wanted, and only then", arguments: [FetchSettings.Transfer.gzip, .identity, .auto])
    func transfer(transfer: FetchSettings.Transfer) async throws {
        try await withSampleService { endpoint, _ in
            try await withClient(endpoint, FetchSettings(transfer: transfer)) { client in
                let coding = try await client.get(Self.request) { $0.coding }.value
                #expect(coding == (transfer == .gzip ? .gzip : .identity), "the imitation is on the loopback")
            }
        }
    }
}
