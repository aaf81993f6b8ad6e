import ExportCore
import ExportHTTP

/// Reads the dates of answers: what the service's clock says, and whether an answer is older than its request.
///
/// It has no clock of its own.
struct AnswerClock {
    /// By the answer that shows the latest time: the machines behind one address differ.
    private(set) var reading: ClockReading?
    /// The answer whose date was furthest ahead when it came.
    private var newest: (date: Instant, received: Pacer.Time)?

    /// The machines behind one address may differ by so much.
    private static let tolerance = Duration.seconds(60)

    /// - Returns: How old the answer was when its request was sent. Nil where it is not shown to be older.
    mutating func note(
        _ head: AnswerHead, sentAt sent: Pacer.Time, receivedAt received: Pacer.Time, wallClock: Instant
    ) -> Duration? {
        // RFC 9111, 5.1: only caches say it.
        if let age = head.header("Age").flatMap(Int.init), age > 0 { return .seconds(age) }
        guard let date = head.header("Date").flatMap(RetryAfter.httpDate) else { return nil }
        if let newest, newest.received <= sent {
            let age = newest.date.advanced(by: sent - newest.received).duration(since: date)
            if age > Self.tolerance { return age }
        }
        if newest.map({ date > $0.date.advanced(by: received - $0.received) }) ?? true { newest = (date, received) }
        if reading.map({ date >= $0.service }) ?? true { reading = ClockReading(service: date, machine: wallClock) }
        return nil
    }
}

/// An answer that something between here and the service had kept.
struct StoredAnswer: Error {
    let age: Duration
}
