import ExportCore

/// The service's limit of one key: so many requests in each minute or second, which all who use the key share.
struct KeyLimit: Sendable {
    private let period: Duration
    private let largest: Int
    private var periodEnds: Pacer.Time
    private var admitted = 0

    /// - Parameter offset: From 0 to 1: how far the first period has gone.
    init(perMinute: Int, bySecond: Bool, now: Pacer.Time, offset: Double) {
        period = .seconds(bySecond ? 1 : 60)
        largest = bySecond ? (perMinute + 30) / 60 : perMinute
        periodEnds = now + period * (1 - offset)
    }

    /// Admits a request, or says for how long to wait: whole seconds, as `Retry-After` gives them.
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
