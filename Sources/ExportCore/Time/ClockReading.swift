/// The service's clock and this machine's, at the same moment.
public struct ClockReading: Sendable, Hashable {
    /// The `Date` header of the service, in whole seconds.
    public let service: Instant
    /// The time of this machine's clock when the response arrived.
    public let machine: Instant

    /// Creates a pair of readings.
    public init(service: Instant, machine: Instant) {
        (self.service, self.machine) = (service, machine)
    }

    /// The difference between the clocks above which a warning is given.
    private static let tolerance = Duration.seconds(60)

    /// Whether the clocks differ by more than latency and rounding explain.
    public var isSkewed: Bool {
        let ahead = machine.duration(since: service)
        return ahead > Self.tolerance || ahead < .zero - Self.tolerance
    }
}
