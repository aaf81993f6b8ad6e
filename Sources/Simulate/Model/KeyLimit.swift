import ExportCore

/// The service's limit of one key: a number of requests per minute or second, shared by all who use the key.
struct KeyLimit: Sendable {
    private let period: Duration
    private let largest: Int
    private var periodEnds: Pacer.Time
    private var admitted = 0

    /// - Parameter offset: The elapsed part of the first period, from 0 to 1.
    init(perMinute: Int, bySecond: Bool, now: Pacer.Time, offset: Double) {
        period = .seconds(bySecond ? 1 : 60)
        largest = bySecond ? (perMinute + 30) / 60 : perMinute
        periodEnds = now + period * (1 - offset)
    }

    /// Admits a request, or returns the time to wait in whole seconds, as `Retry-After` gives it.
    mutating func admit(at now: Pacer.Time) -> Duration? {
        if now >= periodEnds {
            periodEnds += period * Int((now - periodEnds) / period + 1)
            admitted = 0
        }
        guard admitted >= largest else {
            admitted += 1
            return nil
        }
        return .seconds((periodEnds - now).components.seconds + 1)
    }
}
