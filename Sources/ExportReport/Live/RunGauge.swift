public import ExportEngine

/// Measures the speed and the remaining time of a run in progress.
///
/// A value without a clock: times are relative to the start of the run.
public struct RunGauge: Sendable {
    /// The figures of the service's client.
    public struct Requests: Sendable, Hashable {
        /// Requests that were sent, repeats included.
        public var sent = 0
        /// Requests that were repeats.
        public var repeated = 0
        /// Responses with status 429.
        public var throttled = 0
        /// The allowed number of requests per second. `nil` if there is no limit.
        public var allowed: Double?
        /// The time until the next request may be sent, if the service requested a pause.
        public var pause: Duration?
        /// The limit of the service, in words. `nil` if none is known.
        public var limit: String?
        /// The reason for the latest repeat, in words.
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

    /// The periods over which rates (seconds) and the remaining time (a minute) are measured.
    private static let ratePeriod = Duration.seconds(10)
    private static let forecastPeriod = Duration.seconds(60)
    /// How long a run is watched before the time left is estimated.
    private static let minimumSeconds = Duration.seconds(2)

    /// Creates a gauge of a run that begins.
    public init() {}

    /// Records the progress of the run.
    public mutating func take(_ snapshot: RunSnapshot, _ requests: Requests, at time: Duration) {
        self.snapshot = snapshot
        self.requests = requests
        samples.append(Sample(time: time, rows: snapshot.rows, sent: requests.sent, fraction: snapshot.fraction))
        // The last snapshot before the period is kept as the start of the measurement.
        while samples.count > 2, samples[1].time <= time - Self.forecastPeriod { samples.removeFirst() }
    }

    /// `nil` until it can be measured.
    public var rowsPerSecond: Double? { rate(of: { Double($0.rows) }) }
    /// `nil` until it can be measured.
    public var requestsPerSecond: Double? { rate(of: { Double($0.sent) }) }

    /// `nil` until it can be measured.
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
