/// Scans a page of a list: an object with `count`, `next`, `results` and any other keys (API.md, "Envelope").
///
/// A single pass validates the whole text and finds the rows and their requested values, without decoding or copying.
public struct PageScanner: Sendable {
    /// The fields are the root's children.
    private let tree: PathTree
    private let nodes: [Int]

    /// Creates a scanner.
    /// - Parameter fields: The top-level keys of a row whose values' extents are requested.
    public init(fields: [String]) {
        var tree = PathTree()
        nodes = fields.map { tree.insert([$0]) }
        self.tree = tree
    }

    /// Scans a body. Throws if it is not JSON, or else if it is JSON of another shape. Of duplicate keys in a row, the last one counts.
    /// Duplicate keys in the envelope are errors, since parsers differ in which one they use.
    ///
    /// With `acceptsList`, a list of rows without an envelope is accepted too.
    public func scan(_ body: Span<UInt8>, acceptsList: Bool = false) throws(PageError) -> ScannedPage {
        var scan = PageScan(
            tree: tree, acceptsList: acceptsList, page: ScannedPage(places: nodes.map { $0 - 1 }, width: tree.count - 1))
        do throws(JSONError) {
            try scan.readBody(body)
        } catch {
            throw .json(error)
        }
        if let problem = scan.problem { throw problem }
        return scan.page
    }
}

/// The scan of a page. It continues after a wrong shape, so that a truncated or garbled body is reported as such.
private struct PageScan {
    /// The nesting of the values of a row: in the envelope, `results` and the row.
    private static let depthOfRowValues = 3

    let tree: PathTree
    private let acceptsList: Bool
    var page: ScannedPage
    private(set) var problem: PageError?
    private var scanner = JSONScanner()

    init(tree: PathTree, acceptsList: Bool, page: ScannedPage) {
        self.tree = tree
        self.acceptsList = acceptsList
        self.page = page
    }

    mutating func readBody(_ body: Span<UInt8>) throws(JSONError) {
        scanner.skipWhiteSpace(body)
        if scanner.peek(body) == Byte.openBrace {
            try readEnvelope(body)
        } else if acceptsList, scanner.peek(body) == Byte.openBracket {
            page.isList = true
            try readResults(body)
        } else {
            _ = try scanner.skipValue(body, depth: 0)
            problem = .notAnObject
        }
        try scanner.finish(body)
    }

    private mutating func readEnvelope(_ body: Span<UInt8>) throws(JSONError) {
        var (hasResults, hasCount, hasNext) = (false, false, false)
        var goesOn = scanner.open(closing: Byte.closeBrace, body)
        while goesOn {
            switch JSONText.string(body, try scanner.skipKey(body)) {
            case "results":
                take(.results, &hasResults)
                try readResults(body)
            case "count":
                take(.count, &hasCount)
                readCount(body, try scanner.skipValue(body, depth: 1))
            case "next":
                take(.next, &hasNext)
                readNext(body, try scanner.skipValue(body, depth: 1))
            default:
                _ = try scanner.skipValue(body, depth: 1)
            }
            goesOn = try scanner.goesOn(closing: Byte.closeBrace, body)
        }
        if !hasResults { note(.resultsMissing) }
    }

    private mutating func take(_ key: PageError.Key, _ isThere: inout Bool) {
        if isThere { note(.keyTwice(key)) }
        isThere = true
    }

    private mutating func readCount(_ body: Span<UInt8>, _ value: Range<Int>) {
        page.count = JSONText.int64(body, value).flatMap { $0 < 0 ? nil : Int(exactly: $0) }
        if page.count == nil, !JSONText.isNull(body, value) { note(.countNotAnInteger) }
    }

    private mutating func readNext(_ body: Span<UInt8>, _ value: Range<Int>) {
        switch JSONText.kind(body, value) {
        case .string: page.hasNext = true
        case .null: page.hasNext = false
        default: note(.nextNotAString)
        }
    }

    private mutating func readResults(_ body: Span<UInt8>) throws(JSONError) {
        page.rows.removeAll()
        page.values.removeAll()
        guard scanner.peek(body) == Byte.openBracket else {
            _ = try scanner.skipValue(body, depth: 1)
            return note(.resultsNotAnArray)
        }
        var goesOn = scanner.open(closing: Byte.closeBracket, body)
        while goesOn {
            if scanner.peek(body) == Byte.openBrace {
                try readRow(body)
            } else {
                _ = try scanner.skipValue(body, depth: 2)
                note(.rowNotAnObject(index: page.rows.count))
            }
            goesOn = try scanner.goesOn(closing: Byte.closeBracket, body)
        }
    }

    private mutating func readRow(_ body: Span<UInt8>) throws(JSONError) {
        let (start, whiteSpace) = (scanner.position, scanner.whiteSpace)
        let firstValue = page.values.count
        page.values.append(contentsOf: repeatElement(0..<0, count: page.width))
        var goesOn = scanner.open(closing: Byte.closeBrace, body)
        while goesOn {
            let key = try scanner.skipKey(body)
            let value = try scanner.skipValue(body, depth: Self.depthOfRowValues)
            if let node = tree.child(of: PathTree.root, body, key) {
                page.values[firstValue + node - 1] = value
            }
            goesOn = try scanner.goesOn(closing: Byte.closeBrace, body)
        }
        page.rows.append(start..<scanner.position)
        if scanner.whiteSpace != whiteSpace { page.areRowsMinified = false }
    }

    /// Records a problem, of which only the first is reported.
    private mutating func note(_ found: PageError) {
        problem = problem ?? found
    }
}
