/// Why a store's list cannot be believed.
public enum ListingError: Sendable, Hashable {
    /// It says neither that it ends nor that it goes on.
    case openEnd
    /// It says that it ends, and gives a token of a page that follows.
    case tokenAtTheEnd
    /// It says that it goes on, and gives no token to go on with.
    case noToken
    /// A page gives the token that it was asked for with.
    case sameToken
    /// A key that does not come after the one before it, by bytes.
    case unordered(key: String, after: String)
    /// A key that does not begin with what was asked for.
    case outside(key: String)
    /// The number of keys that a page says it has is not how many there are.
    case miscounted(said: String, given: Int)
    /// A number of pages with too few keys, and more to follow.
    case endless(pages: Int, keys: Int)
    /// An upload that was given before.
    case repeated(key: String)
}

extension ListingError: CustomStringConvertible {
    /// A half sentence. Keys stand in it as they came: whoever makes the flaw makes them fit to be shown.
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
