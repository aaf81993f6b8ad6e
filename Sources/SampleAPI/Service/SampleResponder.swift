import Hummingbird
import NIOCore

/// Carries a request from its head to the last byte of its answer, or to whatever goes wrong before.
struct SampleResponder: HTTPResponder {
    struct Context: InitializableFromSource, Sendable {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
        }
    }

    let service: SampleService
    /// The start of all durations.
    private let started = ContinuousClock.now

    init(service: SampleService) {
        self.service = service
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        // A client may not expect an answer before it has sent all.
        for try await _ in request.body {}
        if request.uri.path == "/_sample/statistics" { return Delivery(.json(service.statistics.json), gzip: false).response }
        let call = SampleService.Call(request)
        let arrival = service.arrive(call, now: started.duration(to: .now), wallClock: .now)
        // A client that gives up is no longer waiting, whatever is still done for it here.
        if arrival.delay > .zero || arrival.fault != nil {
            context.channel.closeFuture.whenComplete { [service] _ in service.leave(arrival.number) }
        }
        do {
            return try await respond(to: call, arrival, gzip: service.configuration.compresses && request.acceptsGzip, context)
        } catch {
            service.leave(arrival.number)
            throw error
        }
    }

    private func respond(
        to call: SampleService.Call, _ arrival: SampleService.Arrival, gzip: Bool, _ context: Context
    ) async throws -> Response {
        if let throttling = arrival.throttling {
            service.leave(arrival.number)
            return Delivery(throttling, gzip: false).response
        }
        if arrival.delay > .zero { try await context.channel.pause(arrival.delay) }
        if call.route == .conversations {
            try await service.configuration.holdListResponse?()
            service.prepareListResponse()
        }
        if let made = service.configuration.cannedResponse?(arrival.number, call.route) {
            return Delivery.response(made) { [service] in service.leave(arrival.number) }
        }
        var answer = service.answer(call, by: service.configuration.at(request: arrival.number), fault: arrival.fault)
        answer.headers += arrival.headers
        arrival.fault?.corrupt(&answer)
        service.count(bytes: answer.body.count)
        let delivery = Delivery(answer, gzip: gzip)
        return try await delivery.response(arrival.fault, on: context.channel) { [service] in service.leave(arrival.number) }
    }
}

extension SampleService.Call {
    init(_ request: Request) {
        let accepted = request.headers[values: .accept].joined(separator: ",")
        self.init(
            route: SampleRoute(path: request.uri.path),
            isGet: request.method == .get,
            parameters: QueryParameter.parse(request.uri.query ?? ""),
            authorization: request.headers[.authorization],
            acceptsJSON: accepted.contains("application/json"),
            host: request.head.authority ?? "127.0.0.1"
        )
    }
}

extension Request {
    fileprivate var acceptsGzip: Bool {
        headers[values: .acceptEncoding].contains { $0.contains("gzip") }
    }
}
