/// Scans one answer of a list: an object with `count`, `next`, `results` and whatever else (API.md, "Envelope").
///
/// One pass checks the whole text and finds the rows and the values wanted of them; nothing is decoded or copied.
public struct PageScanner: Sendable {
    /// The fields are the root's children.
    private let tree: PathTree
    private let nodes: [Int]

    /// `fields`: the top-level keys of a row whose values' extents are wanted.
    public init(fields: [String]) {
        var tree = PathTree()
        nodes = fields.map { tree.insert([$0]) }
        self.tree = tree
    }

    /// Throws where the body is not JSON, and only then where it is JSON of another shape. Of duplicate keys of a row the last counts; the
    /// envelope's own may not come twice, since readers differ in which they take.
    ///
    /// `acceptsList`: a list of rows without an envelope is one, too.
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

/// A page being scanned. A wrong shape is noted and the scan goes on: a body cut or garbled is to be known as such.
private struct PageScan {
    /// The envelope, `results` and the row.
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

    /// The first problem is the one that is reported.
    private mutating func note(_ found: PageError) {
        problem = problem ?? found
    }
}
