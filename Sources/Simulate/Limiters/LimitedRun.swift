import ExportCore
import SampleAPI

/// A run of requests of one key against a limiter, on simulated time.
struct LimitedRun: Sendable {
    let requests: Int
    let concurrency: Int
    /// The latency of a response, without jitter.
    let latency: Double

    /// The outcome of a run.
    struct Outcome: Sendable {
        var seconds = 0.0
        var throttled = 0
        /// Requests that were sent although the service had asked to wait.
        var insideRetryAfter = 0
        var known: KnownLimit?
    }

    /// The parts of the latency: to the service, processing, and back.
    private static let way = 0.2
    private static let work = 0.5
    private static let wayBack = 0.2
    private static let jitter = 0.1
    private static let refusal = 0.25

    private enum Event: Sendable {
        case asks
        case sends(Pacer.Reservation)
        case arrives(Pacer.Sent)
        case done
        case answered(Pacer.Sent, LimiterRefusal?)
    }

    /// Runs the requests with a pacer.
    /// - Parameter known: The limit that an earlier run found.
    func outcome(against limiter: any RequestLimiter, known: KnownLimit? = nil) -> Outcome {
        let start = ContinuousClock.now
        var limiter = limiter
        var pacer = Pacer(ceiling: nil, known: known, now: start)
        var queue = EventQueue<Event>()
        var random = SeededRandom(seed: 7)
        var outcome = Outcome()
        var (unsent, answered, atWork, blocked, idle) = (requests, 0, 0, start, 0)
        func later(_ parts: Double, after now: Pacer.Time) -> Pacer.Time { now + .seconds(latency * parts) }
        for _ in 0..<concurrency { queue.add(.asks, at: start) }
        while answered < requests, let (now, event) = queue.next() {
            switch event {
            case .asks:
                guard unsent > 0 else { continue }
                if pacer.blockedUntil > now {
                    queue.add(.asks, at: pacer.blockedUntil)
                } else if let place = pacer.reserve(now: now) {
                    unsent -= 1
                    queue.add(.sends(place), at: place.time)
                } else {
                    idle += 1
                }
            case .sends(let place):
                guard let sent = pacer.start(place) else {
                    unsent += 1
                    queue.add(.asks, at: max(now, pacer.blockedUntil))
                    continue
                }
                if now < blocked { outcome.insideRetryAfter += 1 }
                queue.add(.arrives(sent), at: later(Self.way + Self.jitter * random.share(), after: now))
            case .arrives(let sent):
                if let refusal = limiter.refusal(at: (now - start) / .seconds(1), inFlight: atWork) {
                    queue.add(.answered(sent, refusal), at: later(Self.refusal, after: now))
                } else {
                    atWork += 1
                    queue.add(.done, at: later(Self.work, after: now))
                    queue.add(
                        .answered(sent, nil), at: later(Self.work + Self.wayBack + Self.jitter * random.share(), after: now))
                }
            case .done: atWork -= 1
            case .answered(let sent, let refusal):
                if let refusal {
                    outcome.throttled += 1
                    unsent += 1
                    let pause = refusal.retryAfter.map { Duration.seconds($0) }
                    if let pause { blocked = max(blocked, now + pause) }
                    pacer.throttled(sent, pause: pause, now: now)
                } else {
                    answered += 1
                    pacer.succeeded(sent, now: now)
                    outcome.seconds = (now - start) / .seconds(1)
                }
                pacer.end(sent)
                for _ in 0...idle { queue.add(.asks, at: now) }
                idle = 0
            }
        }
        outcome.known = pacer.known
        return outcome
    }

    /// The least time of a client that knows the limiter. Against random refusals, no client does better than to obey.
    func ideal(against limiter: any RequestLimiter) -> Double {
        var limiter = limiter.withoutOthers
        var free = EventQueue<Void>()
        let start = ContinuousClock.now
        var (end, last) = (0.0, 0.0)
        for _ in 0..<min(concurrency, limiter.inFlightBound ?? .max) { free.add((), at: start) }
        for _ in 0..<requests {
            guard let (slot, _) = free.next() else { break }
            var sent = max(last, (slot - start) / .seconds(1) + latency * (Self.way + Self.jitter / 2))
            sent = limiter.nextAdmission(from: sent)
            while let refusal = limiter.refusal(at: sent, inFlight: 0) {
                sent = limiter.nextAdmission(from: sent + Double(refusal.retryAfter ?? 1))
            }
            last = sent
            let answered = sent + latency * (Self.work + Self.wayBack + Self.jitter / 2)
            end = max(end, answered)
            free.add((), at: start + .seconds(answered))
        }
        return end
    }
}
