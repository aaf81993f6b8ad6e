public import ExportEngine

/// Measures a run that is under way: how fast it is, and how long it has to go.
///
/// A value without a clock: times are those since the run began.
public struct RunGauge: Sendable {
    /// The figures of the service's client.
    public struct Requests: Sendable, Hashable {
        /// Requests that were sent, repeats included.
        public var sent = 0
        /// Requests that were repeats.
        public var repeated = 0
        /// Responses with status 429.
        public var throttled = 0
        /// Requests a second that may be sent. Nil: as many as are answered.
        public var allowed: Double?
        /// Until the next may be sent, where the service asked for a pause.
        public var pause: Duration?
        /// The limit of the service, in words. Nil where none is known.
        public var limit: String?
        /// Why the last one was sent again, in words.
        public var trouble: String?

        /// Creates counts of nothing.
        public init() {}
    }

    /// The last snapshot that was taken in.
    public private(set) var snapshot = RunSnapshot()
    /// The last counts of requests that were taken in.
    public private(set) var requests = Requests()
    private var samples: [Sample] = []

    private struct Sample {
        let time: Duration
        let rows: Int
        let sent: Int
        let fraction: Double
    }

    /// Rates are those of the last seconds, the time to go that of the last minute.
    private static let ratePeriod = Duration.seconds(10)
    private static let forecastPeriod = Duration.seconds(60)
    /// How long a run is watched before the time left is estimated.
    private static let minimumSeconds = Duration.seconds(2)

    /// Creates a gauge of a run that begins.
    public init() {}

    /// Takes note of where the run stands.
    public mutating func take(_ snapshot: RunSnapshot, _ requests: Requests, at time: Duration) {
        self.snapshot = snapshot
        self.requests = requests
        samples.append(Sample(time: time, rows: snapshot.rows, sent: requests.sent, fraction: snapshot.fraction))
        // The last one before the period stays: from it on things are measured.
        while samples.count > 2, samples[1].time <= time - Self.forecastPeriod { samples.removeFirst() }
    }

    /// Nil until it can be told.
    public var rowsPerSecond: Double? { rate(of: { Double($0.rows) }) }
    /// Nil until it can be told.
    public var requestsPerSecond: Double? { rate(of: { Double($0.sent) }) }

    /// Nil until it can be told.
    public var timeLeft: Duration? {
        guard let first = samples.first, let last = samples.last, last.time - first.time >= Self.minimumSeconds,
            last.fraction > first.fraction
        else { return nil }
        let left = (last.time - first.time) * ((1 - last.fraction) / (last.fraction - first.fraction))
        return left > .seconds(100 * 86_400) ? nil : left
    }

    private func rate(of value: (Sample) -> Double) -> Double? {
        guard let last = samples.last else { return nil }
        let first = samples.last { $0.time <= last.time - Self.ratePeriod } ?? samples[0]
        guard last.time - first.time >= .milliseconds(500) else { return nil }
        return max(0, value(last) - value(first)) / ((last.time - first.time) / .seconds(1))
    }
}
