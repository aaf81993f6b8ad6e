import ExportCore
import ExportHTTP
import NIOHTTP1

/// Reads the dates of answers: what the service's clock says, and whether an answer is older than its request.
///
/// It has no clock of its own.
struct ResponseClock {
    /// The reading from the response that shows the latest time: the machines behind one address differ.
    private(set) var reading: ClockReading?
    /// The answer whose date was furthest ahead when it came.
    private var newest: (date: Instant, received: Pacer.Time)?

    /// The machines behind one address may differ by so much.
    private static let tolerance = Duration.seconds(60)

    /// Reads the date of any answer; of usable ones (200) also whether something had kept them.
    /// - Returns: That the answer was made before its request was sent. Nil where nothing shows it.
    mutating func note(
        _ head: ResponseHead, sentAt sent: Pacer.Time, receivedAt received: Pacer.Time, wallClock: Instant
    ) -> CachedResponse? {
        let isUsable = head.status == 200
        if let stored = head.stored { return isUsable ? stored : nil }
        guard let date = head.header("Date").flatMap(RetryAfter.httpDate) else { return nil }
        if isUsable {
            if let newest, newest.received <= sent {
                let age = newest.date.advanced(by: sent - newest.received).duration(since: date)
                if age > Self.tolerance { return CachedResponse(age: age) }
            }
            if newest.map({ date > $0.date.advanced(by: received - $0.received) }) ?? true { newest = (date, received) }
        }
        if reading.map({ date >= $0.service }) ?? true { reading = ClockReading(service: date, machine: wallClock) }
        return nil
    }
}

/// An answer that something between here and the service had kept.
struct CachedResponse: Error, Hashable {
    /// Nil where the cache does not say.
    let age: Duration?
}

extension ResponseHead {
    /// The headers by which a cache shows that it had stored the response. Nil if none does.
    fileprivate var stored: CachedResponse? {
        // RFC 9111, 5.1: of several the first counts, and one beyond 2^31 is as good as that.
        let digits = (header("Age") ?? "").unicodeScalars.prefix { "0"..."9" ~= $0 }
        if digits.contains(where: { $0 != "0" }) {
            return CachedResponse(age: .seconds(min(Int(String(digits)) ?? .max, 1 << 31)))
        }
        // Caches that leave out `Age`, as nginx and Squid may.
        let isHit = ["X-Cache", "X-Cache-Status", "CF-Cache-Status"].contains { name in
            headers[canonicalForm: name].contains { value in
                ["hit", "stale", "updating", "tcp_hit", "tcp_mem_hit"].contains {
                    $0 == value.lowercased().splitExactly(at: " ").first ?? ""
                }
            }
        }
        return isHit ? CachedResponse(age: nil) : nil
    }
}
