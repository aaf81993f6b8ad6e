/// The reason why a response is not a page of a list. Contains nothing of its content.
public enum PageError: Error, Sendable, Hashable {
    case json(JSONError)
    case notAnObject
    case countNotAnInteger
    case nextNotAString
    case resultsMissing
    case resultsNotAnArray
    case keyTwice(Key)
    /// A row is not an object. `index`: its index in the page, from 0.
    case rowNotAnObject(index: Int)

    /// A key of the envelope.
    public enum Key: String, Sendable, Hashable {
        case count, next, results
    }
}

extension PageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): "the page is \(error)"
        case .notAnObject: "the page is JSON, but not an object"
        case .countNotAnInteger: "the page's \"count\" is neither a whole number of 0 or more nor null"
        case .nextNotAString: "the page's \"next\" is neither a string nor null"
        case .resultsMissing: "the page has no \"results\""
        case .resultsNotAnArray: "the page's \"results\" is not an array"
        case .keyTwice(let key): "the page has \"\(key.rawValue)\" more than once"
        case .rowNotAnObject(let index): "row \(index + 1) of the page's \"results\" is not an object"
        }
    }
}
