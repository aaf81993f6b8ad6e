extension Fault {
    /// The envelope of a list under the fault.
    func envelope(_ random: inout SplitMix) -> ListPage.Envelope {
        switch self {
        case .countOff(let difference): .init(count: .off(by: difference))
        case .countZero: .init(count: .zero)
        case .countNull: .init(count: .null)
        case .countJitter(let most): .init(count: .off(by: random.below(2 * most + 1) - most))
        case .nextMissing: .init(next: .missing)
        case .nextEndless: .init(next: .endless)
        default: .init()
        }
    }

    /// Replaces the content of the response, if the fault is one of content and not of transport.
    func corrupt(_ answer: inout SampleResponse) {
        switch self {
        case .status(let status, html: true): answer = .html(status, "\(status) – upstream trouble")
        case .status(let status, html: false): answer = .json(["detail": "A server error occurred."], status: status)
        case .cutJSON: answer.body.removeLast(answer.body.count - answer.body.count / 2)
        case .emptyBody: answer.body = []
        case .byteOrderMark: answer.body = [0xEF, 0xBB, 0xBF] + answer.body
        case .htmlBody: answer = .html(200, "Please sign in")
        case .throttle(let retryAfter):
            answer = .json(["detail": "Request was throttled."], status: 429)
            if let retryAfter { answer.headers = [.init(name: "Retry-After", value: retryAfter)] }
        case .redirect(let address):
            answer = .html(302, "Found")
            answer.headers = [.init(name: "Location", value: address)]
        default: break
        }
    }
}
