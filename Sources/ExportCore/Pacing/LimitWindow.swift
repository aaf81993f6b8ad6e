/// A window of several seconds in which a service admits so many requests, kept by the times of the own ones.
struct LimitWindow: Sendable {
    private(set) var requests: Int
    private(set) var seconds: Double
    /// Seconds that are waited in addition, since requests do not arrive as evenly as they are sent.
    var margin = 0.0
    /// When requests were, or will be, sent.
    private(set) var log: [Double]
    /// Whether it follows from one pause alone. It bounds nothing then: the next pause, which comes at its end, shows if it is one.
    private(set) var isGuess: Bool
    /// Whether it is from an earlier run, and what others have used of it is not known.
    private(set) var isUnconfirmed: Bool
    /// Whether one request is sent to see if the window that the first ones were sent in has ended.
    private(set) var isAsking = false
    private var askedAt = 0.0
    /// Pauses that it does not explain.
    var misfits = 0

    init(requests: Int, seconds: Double, log: [Double] = [], isGuess: Bool = false, isUnconfirmed: Bool = false) {
        self.requests = requests
        self.seconds = seconds
        self.log = log
        self.isGuess = isGuess
        self.isUnconfirmed = isUnconfirmed
    }

    /// The lengths that people choose.
    private static let usual: [Double] = [
        2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400,
    ]

    /// The least usual length that is not below another; the longest possible one where there is none below that.
    static func usual(atLeast least: Double, atMost most: Double) -> Double {
        usual.first { $0 >= least && $0 <= most } ?? usual.first { $0 >= least } ?? most
    }

    /// The place of a request.
    mutating func place(notBefore earliest: Double) -> Double {
        let free = log.count < requests || isGuess ? 0 : log[log.count - requests] + seconds + margin
        if isUnconfirmed, free > earliest {
            // Later than all before, to be known by it.
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
        // Its first requests were sent at the end of a window of the service, or there is none any more: the next pause shows it.
        (isAsking, isUnconfirmed, isGuess, log) = (false, false, true, [time])
    }

    /// Takes note of the end of a pause that shows where the window is.
    mutating func pauseEnded(at now: Double, margin: Double) {
        self.margin = max(self.margin, margin)
        // The window of a counter ends when the service says; that of a log when the first request leaves it.
        if let first = log.count < requests ? log.first : log[log.count - requests], now < first + seconds - 1.2 { log = [] }
        (isAsking, isUnconfirmed) = (false, false)
    }

    /// Takes note of the pause after the one that the window was guessed from. Returns whether that shows a window.
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

    /// Takes note of what a whole window admitted.
    mutating func learn(requests: Int) {
        self.requests = max(1, requests)
        log = []
    }

    /// Takes note of a length that a pause has shown.
    mutating func learn(seconds: Double) {
        self.seconds = max(self.seconds, seconds)
        log = []
    }
}
