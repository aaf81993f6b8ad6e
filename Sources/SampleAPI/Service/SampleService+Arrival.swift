extension SampleService {
    /// The decisions at the arrival of a request's head.
    struct Arrival: Sendable {
        /// Counted from 1.
        let number: Int
        /// The 429, where the key has had its share.
        let throttling: SampleResponse?
        /// `X-RateLimit-*`.
        let headers: [SampleResponse.Header]
        let fault: Fault?
        /// Before the answer.
        let delay: Duration
    }

    /// Counts a request in, and decides whether it is throttled, how long it waits and what goes wrong with it.
    ///
    /// - Parameters:
    ///   - now: since any fixed instant
    ///   - wallClock: the same moment by the calendar, for HTTP-dates
    func arrive(_ call: Call, now: Duration, wallClock: Moment) -> Arrival {
        configuration.inFlight?.enter()
        if call.route == .conversations { configuration.onListRequest?(call.parameters, call.authorization) }
        return withState { state in
            state.statistics.requests += 1
            state.statistics.requestsByRoute[call.route.name, default: 0] += 1
            if state.periods.contains(now) { state.statistics.insideRetryAfter += 1 }
            let number = state.statistics.requests
            state.inFlight.insert(number)
            state.statistics.maximumInFlight = max(state.statistics.maximumInFlight, state.inFlight.count)
            let fault = configuration.faults.fault(forRequest: number)
            let delay = configuration.latency + configuration.latencyJitter * state.random.fraction()

            if let refusal = state.refusal(of: number, key: call.authorization ?? "", now: now, by: configuration.limiter) {
                state.statistics.throttled += 1
                if let pause = refusal.retryAfter { state.periods.begin(at: now, until: now + .seconds(pause)) }
                state.statistics.retryAfterPeriods = state.periods.count
                return Arrival(number: number, throttling: refusal.response, headers: [], fault: nil, delay: .zero)
            }
            guard let limit = configuration.at(request: number).rateLimit else {
                if fault != nil { state.statistics.faults += 1 }
                return Arrival(number: number, throttling: nil, headers: [], fault: fault, delay: delay)
            }
            switch state.windows[call.authorization ?? "", default: RateWindow()].decide(at: now, perSecond: limit.perSecond) {
            case .admitted(let remaining):
                if fault != nil { state.statistics.faults += 1 }
                let headers = limit.headers(remaining: remaining, wait: .seconds(1), wallClock: wallClock)
                return Arrival(number: number, throttling: nil, headers: headers, fault: fault, delay: delay)
            case .refused(let wait):
                state.statistics.throttled += 1
                let refusal = limit.refusal(wait: wait, wallClock: wallClock)
                if let period = refusal.period { state.periods.begin(at: now, until: now + period) }
                state.statistics.retryAfterPeriods = state.periods.count
                return Arrival(number: number, throttling: refusal.answer, headers: [], fault: nil, delay: .zero)
            }
        }
    }

    /// Counts the bytes of an answer's body.
    func count(bytes: Int) { withState { $0.statistics.bodyBytes += bytes } }

    /// Removes a request from those in flight. Idempotent.
    func leave(_ number: Int) {
        let wasInFlight = withState { state in
            if let key = state.admittedKeys.removeValue(forKey: number) { state.admitted[key, default: 1] -= 1 }
            return state.inFlight.remove(number) != nil
        }
        if wasInFlight { configuration.inFlight?.leave() }
    }
}

extension SampleService.State {
    /// Asks the limiter of a key. `nil`: the request is admitted.
    fileprivate mutating func refusal(
        of number: Int, key: String, now: Duration, by limiter: (any RequestLimiter)?
    ) -> LimiterRefusal? {
        guard var limiter = limiters[key] ?? limiter else { return nil }
        let refusal = limiter.refusal(at: now / .seconds(1), inFlight: admitted[key, default: 0])
        limiters[key] = limiter
        if refusal == nil {
            admitted[key, default: 0] += 1
            admittedKeys[number] = key
        }
        return refusal
    }
}

extension LimiterRefusal {
    fileprivate var response: SampleResponse {
        var response = SampleResponse.json(["detail": .string("Request was throttled.")], status: status)
        if let retryAfter { response.headers.append(.init(name: "Retry-After", value: String(retryAfter))) }
        return response
    }
}

extension RateLimit {
    /// A 429, and for how long it asks the client to stay away. `nil` if it does not say.
    fileprivate func refusal(wait: Duration, wallClock: Moment) -> (answer: SampleResponse, period: Duration?) {
        let seconds = max(1, wait.wholeSeconds)
        var answer = SampleResponse.json(
            ["detail": .string("Request was throttled. Expected available in \(seconds) second\(seconds == 1 ? "" : "s").")],
            status: 429)
        answer.headers = headers(remaining: 0, wait: wait, wallClock: wallClock)
        func say(_ value: String) { answer.headers.append(.init(name: "Retry-After", value: value)) }
        switch retryAfter {
        case .seconds:
            say(String(seconds))
            return (answer, .seconds(seconds))
        case .httpDate:
            // A date has no fractions: the next whole second after the wait.
            let rest = Moment.second - (wallClock.microseconds % Moment.second)
            let date = wallClock + rest + Int64(seconds - 1) * Moment.second
            let end = date.microseconds - wallClock.microseconds < wait.microseconds ? date + Moment.second : date
            say(end.httpDate)
            return (answer, .microseconds(end.microseconds - wallClock.microseconds))
        case .none: return (answer, nil)
        case .past:
            say((wallClock + -3600 * Moment.second).httpDate)
            return (answer, nil)
        case .garbage:
            say("soon")
            return (answer, nil)
        }
    }

    fileprivate func headers(remaining: Int, wait: Duration, wallClock: Moment) -> [SampleResponse.Header] {
        let reset: Int
        switch headers {
        case .none: return []
        case .resetInSeconds: reset = wait.wholeSeconds
        case .resetAtEpoch: reset = Int(wallClock.microseconds / Moment.second) + wait.wholeSeconds + 1
        }
        return [
            .init(name: "X-RateLimit-Limit", value: String(perSecond)),
            .init(name: "X-RateLimit-Remaining", value: String(remaining)),
            .init(name: "X-RateLimit-Reset", value: String(reset)),
        ]
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// Rounded up.
    fileprivate var wholeSeconds: Int {
        Int((microseconds + 999_999) / 1_000_000)
    }
}
