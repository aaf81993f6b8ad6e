/// The service's clock and this machine's, at the same moment.
public struct ClockReading: Sendable, Hashable {
    /// The service's `Date`, to the second.
    public let service: Instant
    /// The time of this machine's clock when the response came.
    public let machine: Instant

    /// Creates a pair of readings.
    public init(service: Instant, machine: Instant) {
        (self.service, self.machine) = (service, machine)
    }

    /// Clocks that differ by more are told.
    private static let tolerance = Duration.seconds(60)

    /// Whether the two clocks differ by more than requests and rounding explain.
    public var isSkewed: Bool {
        let ahead = machine.duration(since: service)
        return ahead > Self.tolerance || ahead < .zero - Self.tolerance
    }
}
