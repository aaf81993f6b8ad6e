import ExportCore
import ExportHTTP
import NIOHTTP1

/// The rate limit of a key according to the headers of a response, whether or not the request was refused.
///
/// Supported headers are `X-RateLimit-Remaining` and `X-RateLimit-Reset`, the same without `X-`, and the IETF draft's `RateLimit` and
/// `RateLimit-Policy`, in its older form (`limit=10, remaining=0, reset=7` and `10;w=60`) and its newer one (`"default";r=0;t=7` and
/// `"default";q=10;w=60`). Invalid headers are ignored.
struct RateLimitHeaders {
    /// How long no request is admitted. `nil` if requests are admitted, or the headers do not say.
    let exhaustedFor: Duration?
    /// The limit, if the service names exactly one. A window of more than a minute is ignored, because it may be one of several.
    let policy: KnownLimit?

    private static let longestPause = 3600.0
    private static let longestWindow = 60.0

    init(_ headers: HTTPHeaders) {
        exhaustedFor = Self.pause(headers)
        policy = Self.policy(headers)
    }

    private static func pause(_ headers: HTTPHeaders) -> Duration? {
        func number(_ name: String) -> Double? { headers.first(name: name).flatMap(Double.init) }
        let members = headers["RateLimit"].flatMap(members(of:))
        let older = members.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        let said =
            ["X-RateLimit", "RateLimit"].map { (number("\($0)-Remaining"), number("\($0)-Reset")) }
            + [(older["remaining"], older["reset"])] + members.map { ($0["r"], $0["t"]) }
        let pauses = said.compactMap { remaining, reset -> Double? in
            guard let remaining, remaining <= 0, let reset else { return nil }
            // Some services send the remaining seconds, others a Unix time.
            let seconds = reset > 1_000_000_000 ? reset - Double(Instant.now.microseconds) / 1_000_000 : reset
            return seconds > 0 && seconds < longestPause ? seconds : nil
        }
        return pauses.max().map { .seconds($0) }
    }

    private static func policy(_ headers: HTTPHeaders) -> KnownLimit? {
        let policies = headers["RateLimit-Policy"].flatMap(members(of:))
        guard policies.count == 1, let quota = policies[0]["q"] ?? policies[0][""], let window = policies[0]["w"],
            window > 0, window <= longestWindow, let requests = Int(exactly: quota)
        else { return nil }
        let limit =
            window <= 1 ? KnownLimit.rate(perSecond: quota / window, burst: 0) : .window(requests: requests, seconds: window)
        return limit.isPlausible ? limit : nil
    }

    /// The numbers of each member of a list, by their names. A number without a name has the empty name.
    private static func members(of list: String) -> [[String: Double]] {
        parts(of: Array(list.utf8), at: UInt8(ascii: ",")).map { member in
            var numbers: [String: Double] = [:]
            for parameter in parts(of: member, at: UInt8(ascii: ";")) {
                let sides = parts(of: parameter, at: UInt8(ascii: "=")).map { side in
                    String(decoding: side.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }, as: UTF8.self)
                        .lowercased()
                }
                if let number = sides.last.flatMap(Double.init), sides.count <= 2 {
                    numbers[sides.count == 2 ? sides[0] : ""] = number
                }
            }
            return numbers
        }
    }

    /// The parts between separators outside quotes.
    private static func parts(of text: [UInt8], at separator: UInt8) -> [[UInt8]] {
        var (parts, isQuoted) = ([[UInt8]()], false)
        for byte in text {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == separator, !isQuoted { parts.append([]) } else { parts[parts.count - 1].append(byte) }
        }
        return parts
    }
}
