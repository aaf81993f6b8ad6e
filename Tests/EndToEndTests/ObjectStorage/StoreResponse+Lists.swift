import Foundation

extension StoreResponse {
    /// A page of a list of keys.
    /// - Parameters:
    ///   - isTruncated: What it says of its end; nil: nothing.
    ///   - token: Of the page that follows; nil: none.
    static func list(_ keys: [String], isTruncated: String?, token: String? = nil, count: Int? = nil) -> StoreResponse {
        let contents = keys.map { "<Contents><Key>\(MockStore.State.encoded($0))</Key></Contents>" }.joined()
        func element(_ name: String, _ text: String?) -> String { text.map { "<\(name)>\($0)</\(name)>" } ?? "" }
        let rest = element("IsTruncated", isTruncated) + element("NextContinuationToken", token)
        return StoreResponse(
            body: Array(
                "<ListBucketResult>\(element("KeyCount", count.map(String.init)))\(contents)\(rest)</ListBucketResult>".utf8))
    }
}

extension MockStore.State {
    static func encoded(_ key: String) -> String {
        key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// A list that cannot be believed, and what is said of it.
enum ListLie: String, CaseIterable, Sendable {
    case openEnd, tokenAtTheEnd, noToken, repeatedToken, twoTokens, unordered, outside, doubled, miscounted, emptyPages, endless,
        huge

    var words: String {
        switch self {
        case .openEnd: "it does not say whether it is complete"
        case .tokenAtTheEnd: "it says that it is complete, but names a next page"
        case .noToken: "it says that it is incomplete, but names no next page"
        case .repeatedToken, .doubled: "twice"
        case .twoTokens, .unordered: "which is out of order"
        case .outside: "it lists z/kept.csv, which is not below that prefix"
        case .miscounted: "a page says that it has 99 keys, but lists 1"
        case .emptyPages: "it listed 0 keys on 51 pages and does not end"
        case .endless: "keys on 556 pages and does not end"
        case .huge: "the response of the store is larger than 8 MiB, the limit for this request"
        }
    }

    /// What the store answers to a request for a list.
    func answer(_ call: StoreCall) -> StoreResponse {
        let prefix = call.query["prefix"] ?? ""
        let page = call.query["continuation-token"].flatMap { Int($0) } ?? 0
        let key = { (name: String) in "\(prefix)\(name)" }
        return switch self {
        case .openEnd: .list([key("a")], isTruncated: nil)
        case .tokenAtTheEnd: .list([key("a")], isTruncated: "false", token: "1")
        case .noToken: .list([key("a")], isTruncated: "true")
        case .repeatedToken: .list([key("a")], isTruncated: "true", token: "1")
        case .twoTokens: .list([key(page == 1 ? "b" : "a")], isTruncated: "true", token: page == 1 ? "2" : "1")
        case .unordered: .list([key("b"), key("a")], isTruncated: "false")
        case .outside: .list([key("a"), "z/kept.csv"], isTruncated: "false")
        case .doubled: .list([key("a"), key("a")], isTruncated: "false")
        case .miscounted: .list([key("a")], isTruncated: "false", count: 99)
        case .emptyPages: .list([], isTruncated: "true", token: "\(page + 1)")
        case .endless: .list([key("\(1_000_000 + page)")], isTruncated: "true", token: "\(page + 1)")
        case .huge: .init(body: Array("<ListBucketResult>".utf8) + [UInt8](repeating: 0x20, count: 60_000_000))
        }
    }
}
