import NIOCore
import SampleAPI
import Testing

@testable import ExportHTTP

@Suite struct WebClientTests {
    /// Asks a server that gives this answer to everything.
    private func ask(_ response: CannedResponse, limit: Int = 1 << 20, reading: BodyReading? = nil) async throws -> WebResponse {
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, _ in response }
        return try await withSampleService(configuration) { endpoint, _ in
            try await WebClient.with(NetworkSettings()) { http in
                try await http.send(
                    WebRequest(
                        url: endpoint + "/x", reading: reading ?? .whole(limit: limit), timeout: .seconds(60),
                        peer: .init("service", at: nil)))
            }
        }
    }

    @Test(
        "of an error the beginning is read, whatever its length and whether it says it, and its status counts",
        arguments: [400, 404, 503])
    func errors(status: Int) async throws {
        let limit = BodyReading.errorLimit
        for (size, repeats) in [(limit - 1, 1), (limit, 1), (limit + 1, 1), (8 << 20, 1), (1 << 20, 1 << 20)] {
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: size)
            let response = try await ask(CannedResponse(status: status, body: body, repeats: repeats))
            #expect(response.head.status == status)
            #expect(response.body.readableBytes == min(size * repeats, limit))
        }
    }

    @Test("a body of more than its limit is refused, whether its length was said or not, and one of as much is read")
    func limits() async throws {
        let limit = 1 << 20
        for (size, repeats) in [(limit + 1, 1), (8 << 20, 1), (1 << 20, 1 << 20)] {
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: size)
            let error = await #expect(throws: ResponseTooLarge.self) { try await ask(CannedResponse(body: body, repeats: repeats)) }
            #expect(error?.limit == limit)
        }
        let whole = try await ask(CannedResponse(body: [UInt8](repeating: 0x20, count: limit)))
        #expect(whole.body.readableBytes == limit)
    }

    @Test("where its beginning says all, an answer without end is none the less whole")
    func beginning() async throws {
        let response = try await ask(
            CannedResponse(body: [UInt8](repeating: 0x20, count: 1 << 20), repeats: 1 << 20), reading: .beginning(limit: 1024))
        #expect(response.head.status == 200 && response.body.readableBytes == 1024)
    }
}
