/// An inconsistency in a store's list.
public enum ListingError: Sendable, Hashable {
    /// A page does not say whether more pages follow.
    case openEnd
    /// A page says that it is the last, but has a token for the next page.
    case tokenAtTheEnd
    /// A page says that more pages follow, but has no token for them.
    case noToken
    /// A page has the same token with which it was requested.
    case sameToken
    /// A key does not follow the previous one in byte order.
    case unordered(key: String, after: String)
    /// A key does not begin with the requested prefix.
    case outside(key: String)
    /// The number of keys that a page states differs from the keys that it has.
    case miscounted(said: String, given: Int)
    /// Too many pages have too few keys, and more pages follow.
    case endless(pages: Int, keys: Int)
    /// An upload was listed before.
    case repeated(key: String)
}

extension ListingError: CustomStringConvertible {
    /// A description, as part of a sentence. It contains keys unchanged: the code that creates the error makes them safe to display.
    public var description: String {
        switch self {
        case .openEnd: "it does not say whether it is complete"
        case .tokenAtTheEnd: "it says that it is complete, but names a next page"
        case .noToken: "it says that it is incomplete, but names no next page"
        case .sameToken: "a page names itself as the next page"
        case .unordered(let key, let after) where key == after: "it lists \(key) twice"
        case .unordered(let key, let after): "it lists \(key) after \(after), which is out of order"
        case .outside(let key): "it lists \(key), which is not below that prefix"
        case .miscounted(let said, let given): "a page says that it has \(said) keys, but lists \(given)"
        case .endless(let pages, let keys): "it listed \(keys) keys on \(pages) pages and does not end"
        case .repeated(let key): "it lists an upload of \(key) twice"
        }
    }
}
