/// A window of several seconds in which a service admits a number of requests, tracked by the times of the run's own requests.
struct LimitWindow: Sendable {
    private(set) var requests: Int
    private(set) var seconds: Double
    /// Additional seconds to wait, because requests do not arrive as evenly as they are sent.
    var margin = 0.0
    /// When requests were, or will be, sent.
    private(set) var log: [Double]
    /// Whether the window is inferred from a single pause. It does not limit requests then; the next pause, which comes at its end,
    /// confirms or refutes it.
    private(set) var isGuess: Bool
    /// Whether the window is from an earlier run, and it is unknown how much of it others have used.
    private(set) var isUnconfirmed: Bool
    /// Whether one request is sent to test whether the window of the first requests has ended.
    private(set) var isAsking = false
    private var askedAt = 0.0
    /// The number of pauses that the window does not explain.
    var misfits = 0

    init(requests: Int, seconds: Double, log: [Double] = [], isGuess: Bool = false, isUnconfirmed: Bool = false) {
        self.requests = requests
        self.seconds = seconds
        self.log = log
        self.isGuess = isGuess
        self.isUnconfirmed = isUnconfirmed
    }

    /// Common lengths of windows, in seconds.
    private static let usual: [Double] = [
        2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400,
    ]

    /// The shortest common length that is at least `least`, or `most` if `least` exceeds them all.
    static func usual(atLeast least: Double, atMost most: Double) -> Double {
        usual.first { $0 >= least } ?? most
    }

    /// The time at which a request may be sent.
    mutating func place(notBefore earliest: Double) -> Double {
        let free = log.count < requests || isGuess ? 0 : log[log.count - requests] + seconds + margin
        if isUnconfirmed, free > earliest {
            // Slightly later than all earlier requests, so that it can be identified by its time.
            if !isAsking { (isAsking, askedAt) = (true, earliest + 1e-6) }
            return askedAt
        }
        let place = max(earliest, free)
        log.append(place)
        if log.count > 4 * requests + 64 { log.removeFirst(log.count - requests) }
        return place
    }

    mutating func succeeded(sentAt time: Double) {
        guard isAsking, time >= askedAt else { return }
        // The first requests were sent at the end of a window of the service, or the service has no window any more: the next pause shows
        // which.
        (isAsking, isUnconfirmed, isGuess, log) = (false, false, true, [time])
    }

    /// Records the end of a pause, which shows where the window ends.
    mutating func pauseEnded(at now: Double, margin: Double) {
        self.margin = max(self.margin, margin)
        // A counter's window ends when the service says; a log's window when the first request leaves it.
        if let first = log.count < requests ? log.first : log[log.count - requests], now < first + seconds - 1.2 { log = [] }
        (isAsking, isUnconfirmed) = (false, false)
    }

    /// Records the pause after the one from which the window was inferred. Returns whether it confirms a window.
    mutating func confirm(_ ended: EndedCycle, admitted: ArraySlice<Double>, latency: Double) -> Bool {
        guard ended.admitted >= 0.45 * Double(requests), ended.admitted <= 1.5 * Double(requests) + 1, ended.whole > 1.5 else {
            return false
        }
        isGuess = false
        requests = max(1, Int(ended.admitted))
        let shown = Self.usual(atLeast: ended.whole - 1 - latency, atMost: ended.whole + 0.3)
        seconds = shown
        log = Array(admitted)
        return true
    }

    /// Records how many requests a whole window admitted.
    mutating func learn(requests: Int) {
        self.requests = max(1, requests)
        log = []
    }

    /// Records a length that a pause has shown.
    mutating func learn(seconds: Double) {
        self.seconds = max(self.seconds, seconds)
        log = []
    }
}
