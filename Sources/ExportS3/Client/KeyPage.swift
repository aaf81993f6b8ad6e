import ExportCore
import ExportStore

/// A page of a list of keys, as it came.
struct KeyPage: Equatable, Sendable {
    var keys: [String]
    /// Whether more pages follow, according to the page; nil if it says nothing that can be read.
    var isTruncated: Bool?
    var token: String?
    /// How many keys it says it has.
    var count: String?

    /// Reads an answer to ListObjectsV2 with `encoding-type=url`.
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

/// The state of a list so far. A page that contradicts the request, earlier pages or itself is refused: otherwise windows could be taken
/// for missing, or foreign objects be removed.
///
/// Keys have to ascend by their bytes, as S3 lists them: then none comes twice, a list cannot go in circles, and the last key is all
/// that has to be kept of it. How many pages there may be hangs on how many keys they bring.
struct ListingCheck {
    /// The prefix of all keys.
    let prefix: String
    private var last: String?
    private var pages = 0
    private var keys = 0

    /// Pages that may have hardly a key, and keys that a page has on the average at the least after those: stores give 1,000.
    private static let freePages = 500
    private static let keysOfAPage = 10
    /// Pages without any key, one after the other: a store may look through many objects that are gone before it finds one.
    private static let emptyPages = 50
    private var empty = 0
    /// Keys of a list.
    private let most: Int

    /// Files of a destination at most.
    static let maximumFiles = 10_000_000
    /// Names in the state at most, which are kept: a window of each hour for a hundred years.
    static let maximumNames = 1_000_000

    init(prefix: String, most: Int = maximumFiles) {
        self.prefix = prefix
        self.most = most
    }

    /// Takes a page.
    /// - Parameter token: What it was asked for with.
    /// - Returns: What the next page is asked for with. Nil: there is none.
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
