import ExportCore
import ExportStore

/// A page of a list of keys, not yet checked.
struct KeyPage: Equatable, Sendable {
    var keys: [String]
    /// Whether more pages follow, according to the page. `nil` if it does not say.
    var isTruncated: Bool?
    var token: String?
    /// The number of keys that the page states.
    var count: String?

    /// Parses a response to ListObjectsV2 with `encoding-type=url`.
    /// - Throws: `XMLElement.Unreadable`.
    init(_ body: some Collection<UInt8>) throws {
        let root = try XMLElement(parsing: body)
        guard root.name == "ListBucketResult" else { throw XMLElement.Unreadable() }
        keys = try root.all("Contents").map { object in
            guard let key = object["Key"].flatMap({ PercentEncoding.decode($0.text) }) else { throw XMLElement.Unreadable() }
            return key
        }
        isTruncated = root["IsTruncated"].flatMap { Bool($0.text) }
        token = root["NextContinuationToken"].flatMap { $0.text.isEmpty ? nil : $0.text }
        count = root["KeyCount"]?.text
    }
}

/// The check of a list, page by page. A page that contradicts the request, earlier pages or itself is refused. Otherwise windows could
/// appear to be missing, or foreign objects could be removed.
///
/// Keys have to ascend by their bytes, as S3 lists them. So no key is repeated, a list cannot be circular, and only the last key has to be
/// remembered. The allowed number of pages depends on the number of keys.
struct ListingCheck {
    /// The prefix of all keys.
    let prefix: String
    private var last: String?
    private var pages = 0
    private var keys = 0

    /// The number of pages that may have few keys, and the minimum average number of keys per page after those. Stores return 1,000.
    private static let freePages = 500
    private static let keysOfAPage = 10
    /// The maximum number of consecutive pages without any key: a store may scan many removed objects before it finds one.
    private static let emptyPages = 50
    private var empty = 0
    /// The maximum number of keys in the list.
    private let most: Int

    /// The maximum number of files in a destination.
    static let maximumFiles = 10_000_000
    /// The maximum number of names in the state, which are held in memory: hourly windows for a hundred years.
    static let maximumNames = 1_000_000

    init(prefix: String, most: Int = maximumFiles) {
        self.prefix = prefix
        self.most = most
    }

    /// Checks the next page.
    /// - Parameter token: The token of its request.
    /// - Returns: The token for the next page. `nil` if there is none.
    mutating func take(_ page: KeyPage, after token: String?) throws(ListingError) -> String? {
        if let count = page.count, Int(count) != page.keys.count {
            throw .miscounted(said: count.shown(), given: page.keys.count)
        }
        for key in page.keys {
            guard key.utf8.starts(with: prefix.utf8) else { throw .outside(key: key.shown()) }
            if let last, !last.utf8.lexicographicallyPrecedes(key.utf8) {
                throw .unordered(key: key.shown(), after: last.shown())
            }
            last = key
        }
        pages += 1
        keys += page.keys.count
        empty = page.keys.isEmpty ? empty + 1 : 0
        switch (page.isTruncated, page.token) {
        case (false, nil): return nil
        case (nil, _): throw .openEnd
        case (false, _?): throw .tokenAtTheEnd
        case (true, nil): throw .noToken
        case (true, let next?):
            guard next != token else { throw .sameToken }
            let isEndless =
                pages > Self.freePages + keys / Self.keysOfAPage || empty > Self.emptyPages || keys > most
            guard !isEndless else { throw .endless(pages: pages, keys: keys) }
            return next
        }
    }
}

extension ListingError: Error {}
