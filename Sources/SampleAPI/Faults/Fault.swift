/// A fault of a response.
public enum Fault: Sendable, Hashable {
    /// This status, with a body in JSON or, as a proxy sends it, in HTML.
    case status(Int, html: Bool = false)
    /// A TCP reset instead of a response.
    case resetBeforeAnswer
    /// A TCP reset after half of the body.
    case resetInBody
    /// Half of the body under the whole body's Content-Length, then an orderly end of the connection.
    case cutBody
    /// A whole answer, whose JSON stops half-way.
    case cutJSON
    /// A 200 without a body.
    case emptyBody
    /// A 200 with a web page for a body.
    case htmlBody
    /// The whole answer behind a byte order mark, as some gateways write UTF-8.
    case byteOrderMark
    /// Nothing for so long, then a closed connection.
    case stallBeforeAnswer(Duration)
    /// Half of the body, nothing for so long, then a closed connection.
    case stallInBody(Duration)
    /// The whole answer in so many pieces with a pause between them.
    case drip(pieces: Int, pause: Duration)
    /// A list whose count is off by so many.
    case countOff(by: Int)
    case countZero
    case countNull
    /// A list whose count is off by anything up to so many, another number for each answer.
    case countJitter(upTo: Int)
    /// A list whose first row is outside the requested time range.
    case rowOutsideWindow
    /// A list whose `next` is null though more pages follow.
    case nextMissing
    /// A list whose `next` names a page even on the last one.
    case nextEndless
    /// A list that has no row.
    case listEmpty
    /// A list with a page of rows for every time range, and so many times more to follow, whatever was given before.
    case listEndless(times: Int)
    /// A 429 with this text for `Retry-After`, or without one.
    case throttle(retryAfter: String?)
    /// A 302 to this address.
    case redirect(to: String)
}

/// Which request meets which fault. Requests are counted from 1 as they arrive, those that are throttled among them; a fault
/// whose request is throttled is lost.
public enum FaultPlan: Sendable, Hashable {
    case none
    /// Faults by the request's number, from 1.
    case schedule([Int: Fault])
    /// A request of any number meets one of the faults with this probability, 0 to 1; the same ones for the same seed.
    case random(seed: UInt64, probability: Double, among: [Fault])
    /// Every request of these numbers.
    case during(ClosedRange<Int>, Fault)
    /// The first of these plans that has a fault for the request.
    indirect case firstOf([FaultPlan])

    func fault(forRequest number: Int) -> Fault? {
        switch self {
        case .none: return nil
        case .schedule(let faults): return faults[number]
        case .random(let seed, let probability, let faults):
            var random = SplitMix(seed: seed, stream: number)
            guard !faults.isEmpty, random.fraction() < probability else { return nil }
            return random.pick(faults)
        case .during(let numbers, let fault): return numbers.contains(number) ? fault : nil
        case .firstOf(let plans): return plans.lazy.compactMap { $0.fault(forRequest: number) }.first
        }
    }
}
