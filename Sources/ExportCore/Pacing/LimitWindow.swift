/// A window of several seconds in which a service admits so many requests, kept by the times of the own ones.
struct LimitWindow: Sendable {
    let requests: Int
    let seconds: Double
    /// When requests were, or will be, sent.
    private(set) var log: [Double]
    /// Whether it is from an earlier run, and what others have used of it is not known.
    private(set) var isUnconfirmed: Bool
    /// Whether one request is sent to see if the window that the first ones were sent in has ended.
    private(set) var isAsking = false
    /// Pauses in spite of it.
    private(set) var refusals = 0

    init(requests: Int, seconds: Double, log: [Double] = [], isUnconfirmed: Bool = false) {
        self.requests = requests
        self.seconds = seconds
        self.log = log
        self.isUnconfirmed = isUnconfirmed
    }

    /// The place of a request.
    mutating func place(notBefore earliest: Double) -> Double {
        let free = log.count < requests ? 0 : log[log.count - requests] + seconds
        if isUnconfirmed, free > earliest {
            isAsking = true
            return earliest
        }
        let place = max(earliest, free)
        log.append(place)
        if log.count > 4 * requests + 64 { log.removeFirst(log.count - requests) }
        return place
    }

    mutating func succeeded(sentAt time: Double) {
        guard isAsking else { return }
        // Its first requests were sent at the end of a window of the service.
        (isAsking, isUnconfirmed, log) = (false, false, [time])
    }

    mutating func pauseEnded(at now: Double) {
        if isUnconfirmed {
            // The window of a counter ends when the service says; that of a log when the first request leaves it.
            if let first = log.first, now < first + seconds - 1.2 { log = [] }
        } else {
            refusals += 1
        }
        (isAsking, isUnconfirmed) = (false, false)
    }
}
