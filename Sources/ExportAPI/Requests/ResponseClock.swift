import ExportCore
import ExportHTTP
import NIOHTTP1

/// Reads the dates of responses: the time of the service's clock, and whether a response is older than its request.
///
/// A value without a clock.
struct ResponseClock {
    /// The reading with the latest service time, since the machines behind one address differ.
    private(set) var reading: ClockReading?
    /// The response whose date was furthest ahead when it arrived.
    private var newest: (date: Instant, received: Pacer.Time)?

    /// The tolerated difference between the machines behind one address.
    private static let tolerance = Duration.seconds(60)

    /// Records the date of any response, and checks whether a usable one (status 200) came from a cache.
    /// - Returns: The evidence that the response is older than its request. `nil` if there is none.
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

/// The error of a response that came from a cache between this machine and the service.
struct CachedResponse: Error, Hashable {
    /// The age of the response. `nil` if the cache does not tell.
    let age: Duration?
}

extension ResponseHead {
    /// The evidence in the headers that a cache had stored the response. `nil` if there is none.
    fileprivate var stored: CachedResponse? {
        // RFC 9111, 5.1: the first of several values counts, and larger values are treated as 2^31.
        let digits = (header("Age") ?? "").unicodeScalars.prefix { "0"..."9" ~= $0 }
        if digits.contains(where: { $0 != "0" }) {
            return CachedResponse(age: .seconds(min(Int(String(digits)) ?? .max, 1 << 31)))
        }
        // Caches that may omit `Age`, such as nginx and Squid.
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
