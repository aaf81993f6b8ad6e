import Crypto

/// The limits that earlier runs found: `_agentsight/limits.json`.
///
/// Each is a hint: a run begins with it and adapts to the service's responses. If the file is missing or unreadable, the limits are
/// determined anew.
public struct LimitRecords: Sendable, Hashable, Codable {
    /// The format of this file; 1.
    public var format = 1
    /// One for each key, endpoint and number of shards.
    public var limits: [Entry] = []

    /// The limit of a key at an endpoint.
    public struct Entry: Sendable, Hashable, Codable {
        /// Identifies the key and the endpoint: `account(ofKey:at:)`.
        public var account: String
        /// The number of shards among which the limit was divided when it was found; 1 for a run of its own.
        public var shards: Int
        /// When the limit was found or last confirmed.
        public var foundAt: Instant
        /// Requests per second. `nil` if the service limits something else.
        public var perSecond: Double?
        /// The number of requests admitted at once, beyond that rate.
        public var burst: Double?
        /// Requests in `seconds`, if the service counts by a window.
        public var requests: Int?
        /// The length of the window in seconds.
        public var seconds: Double?
        /// Requests in flight, if the service limits those.
        public var inFlight: Int?

        enum CodingKeys: String, CodingKey {
            case account, shards
            case foundAt = "found_at"
            case perSecond = "per_second"
            case burst, requests, seconds
            case inFlight = "in_flight"
        }

        /// Creates the record of a limit.
        public init(account: String, shards: Int, foundAt: Instant, limit: KnownLimit) {
            self.account = account
            self.shards = shards
            self.foundAt = foundAt
            switch limit {
            case .rate(let rate, let burst): (perSecond, self.burst) = (Self.rounded(rate), Self.rounded(burst))
            case .window(let requests, let seconds): (self.requests, self.seconds) = (requests, Self.rounded(seconds))
            case .inFlight(let bound): inFlight = bound
            }
        }

        /// The limit. `nil` if the entry holds no plausible one.
        public var limit: KnownLimit? {
            let limit: KnownLimit? =
                if let perSecond {
                    .rate(perSecond: perSecond, burst: burst ?? 0)
                } else if let requests, let seconds {
                    .window(requests: requests, seconds: seconds)
                } else if let inFlight {
                    .inFlight(inFlight)
                } else {
                    nil
                }
            return limit.flatMap { $0.isPlausible ? $0 : nil }
        }

        /// The number rounded to three decimal places, which exceeds the precision of limits.
        private static func rounded(_ number: Double) -> Double { (1000 * number).rounded() / 1000 }
    }

    /// Creates the records of a destination for which no limit was found.
    public init() {}

    /// The age after which limits are determined anew.
    private static let longestUse = Duration.seconds(90 * 86_400)
    /// The maximum number of entries, of which the newest are kept.
    private static let most = 1000

    /// An identifier for a key at an endpoint.
    ///
    /// It has only 32 bits of a SHA-256: enough to distinguish the few keys of a destination, but so few that countless keys share them.
    /// The key cannot be determined from it, and a guessed key cannot be confirmed.
    public static func account(ofKey key: String, at endpoint: String) -> String {
        let hash = SHA256.hash(data: Array("agentsight-export limit\0\(endpoint)\0\(key)".utf8))
        return hash.prefix(4).map { byte in
            let digits = Array("0123456789abcdef")
            return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    /// The limit with which a run begins: the one found with the same number of shards, otherwise its share of one found with another
    /// number.
    /// - Parameter shards: The number of runs that share the limit.
    public func limit(of account: String, shards: Int, now: Instant) -> KnownLimit? {
        let known = limits.filter { entry in
            entry.account.equalsExactly(account) && entry.limit != nil && now.duration(since: entry.foundAt) < Self.longestUse
        }
        let newest = known.filter { $0.shards == shards }.max { $0.foundAt < $1.foundAt } ?? known.max { $0.foundAt < $1.foundAt }
        return newest.flatMap { $0.limit?.times(Double($0.shards) / Double(shards)) }
    }

    /// Records the limit that a run found. Returns whether it is new.
    @discardableResult
    public mutating func found(_ limit: KnownLimit, of account: String, shards: Int, at now: Instant) -> Bool {
        guard limit.isPlausible else { return false }
        let entry = Entry(account: account, shards: shards, foundAt: now, limit: limit)
        if let index = limits.firstIndex(where: { $0.account.equalsExactly(account) && $0.shards == shards }) {
            let before = limits[index]
            // An unchanged limit is recorded again only once a day.
            if before.limit?.isNear(limit) == true, now.duration(since: before.foundAt) < .seconds(86_400) { return false }
            limits[index] = entry
        } else {
            limits.append(entry)
        }
        if limits.count > Self.most { limits.sort { $0.foundAt > $1.foundAt } }
        limits = Array(limits.prefix(Self.most))
        return true
    }
}

extension LimitRecords: StoredState {
    /// The format that this version writes, and the newest that it reads.
    package static let newestFormat = 1
    /// The largest file that is read, in bytes.
    package static let largestFile = 1 << 20

    /// Whether all numbers are plausible.
    package var isWithinBounds: Bool { limits.allSatisfy { $0.shards >= 1 && $0.shards <= Share.maximumShards && $0.limit != nil } }
}
