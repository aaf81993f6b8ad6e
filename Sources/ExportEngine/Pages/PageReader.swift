import ExportAPI
import ExportCore
import ExportFormats

/// Parses the body of a response as a page of the list, and refuses rows that were not requested.
struct PageReader: Sendable {
    private let deletedRows: DeletedRows
    private let check: FilterCheck
    private let detailCheck: DetailCheck?
    private let scanner: PageScanner
    /// Empty discoveries, for the tables whose keys become columns.
    private let discoveries: [KeyDiscovery]
    /// The index of each discovery's first field among those of the scanner.
    private let firstScanned: [Int]

    private static let ownFields = ["id", "started_at", "is_deleted"]
    /// The largest plausible count of conversations. Walks calculate with counts, and request a number of pages that depends on them.
    private static let largestCount = 1_000_000_000

    /// Creates a reader of pages.
    /// - Parameters:
    ///   - detail: The detail that rows must have. `nil` if it is not checked.
    ///   - discoveries: Empty discoveries, for the tables whose keys become columns.
    init(filters: Filters, detail: Source.Detail?, discoveries: [KeyDiscovery]) {
        deletedRows = filters.deletedRows
        check = FilterCheck(filters, after: Self.ownFields.count)
        self.discoveries = discoveries
        var fields = Self.ownFields + check.fields
        let own = fields.count
        detailCheck = detail.map { DetailCheck(detail: $0, first: own) }
        if detail != nil { fields += DetailCheck.fields }
        firstScanned = discoveries.map { discovery in
            defer { fields += discovery.scannedFields }
            return fields.count
        }
        scanner = PageScanner(fields: fields)
    }

    /// Parses a response to a query.
    /// - Throws: `UnusableBody` if another attempt may help, `FilterNotApplied`, `ServiceError.tooLarge`.
    func read(_ response: ServiceResponse, to query: ListQuery, for window: TimeRange) throws -> FetchedPage {
        if let content = try Self.inflated(response) { return try read(body: content.span, query, window) }
        return try response.withBody { try read(body: $0, query, window) }
    }

    private func read(body: Span<UInt8>, _ query: ListQuery, _ window: TimeRange) throws -> FetchedPage {
        try read(body.extracting(Self.markLength(body)..<body.count), query, window)
    }

    private static func markLength(_ body: Span<UInt8>) -> Int {
        ByteOrderMark.length(in: (0..<min(body.count, 3)).map { body[$0] })
    }

    /// The decompressed body of a response, without a byte order mark.
    /// - Throws: `UnusableBody`, the `excess` of the response.
    static func content(of response: ServiceResponse) throws -> [UInt8] {
        let body = try inflated(response) ?? response.withBody { [UInt8](copying: $0) }
        if HTMLPage.begins(body) { throw UnusableBody("an HTML page", isHTML: true) }
        let mark = ByteOrderMark.length(in: body)
        return mark == 0 ? body : Array(body.dropFirst(mark))
    }

    /// The decompressed body of a compressed response. `nil` if it is not compressed.
    private static func inflated(_ response: ServiceResponse) throws -> [UInt8]? {
        let encoding: ContentEncoding
        switch response.coding {
        case .identity: return nil
        case .gzip: encoding = .gzip
        case .deflate: encoding = .deflate
        }
        do {
            return try response.withBody { try encoding.decode($0, limit: response.limit) }
        } catch InflateError.tooLarge {
            throw response.excess
        } catch {
            throw UnusableBody("\(error)")
        }
    }

    private func read(_ text: Span<UInt8>, _ query: ListQuery, _ window: TimeRange) throws -> FetchedPage {
        let page: ScannedPage
        do {
            page = try scanner.scan(text, acceptsList: query.isUnpaginated)
        } catch {
            throw UnusableBody("\(error)", isHTML: HTMLPage.begins((0..<min(text.count, 4096)).map { text[$0] }))
        }
        guard let count = page.isList ? page.rows.count : page.count else { throw UnusableBody("a list without a count") }
        guard count <= Self.largestCount else { throw UnusableBody("an implausibly large count") }
        if query.page == 1, page.rows.isEmpty, count > 0 { throw UnusableBody("a count of \(count) but no rows") }
        if query.isCount {
            // The row shows which rows are counted.
            let rows = try page.rows.indices.map { try key(of: $0, in: page, text, query) }
            return FetchedPage(
                response: ListResponse(count: count, hasNext: page.hasNext, rows: rows), rows: [], ends: [], keys: [])
        }
        return try read(page, count: count, text, query, window)
    }

    private func read(
        _ page: ScannedPage, count: Int, _ text: Span<UInt8>, _ query: ListQuery, _ window: TimeRange
    ) throws -> FetchedPage {
        var keys: [RowKey] = []
        var rows: [UInt8] = []
        var ends: [Int] = []
        keys.reserveCapacity(page.rows.count)
        ends.reserveCapacity(page.rows.count)
        rows.reserveCapacity(text.count)
        var discoveries = discoveries
        for index in page.rows.indices {
            let key = try key(of: index, in: page, text, query)
            try checkDetail(index, in: page, text, query)
            keys.append(key)
            page.append(row: index, of: text, to: &rows)
            // Only rows that are written determine the columns.
            if window.contains(key.startedAt), deletedRows.wants(isDeleted: key.isDeleted) {
                for place in discoveries.indices {
                    for field in discoveries[place].scannedFields.indices {
                        if let value = page.value(firstScanned[place] + field, ofRow: index) {
                            discoveries[place].collect(scanned: field, value, in: text)
                        }
                    }
                }
            }
            rows.append(UInt8(ascii: "\n"))
            ends.append(rows.count)
        }
        var response = ListResponse(count: count, hasNext: page.isList ? false : page.hasNext, rows: keys)
        response.isList = page.isList
        return FetchedPage(response: response, rows: rows, ends: ends, keys: discoveries)
    }

    private func key(of row: Int, in page: ScannedPage, _ text: Span<UInt8>, _ query: ListQuery) throws -> RowKey {
        guard let id = page.value(0, ofRow: row).flatMap({ JSONText.int64(text, $0) }) else {
            throw UnusableBody("a row without an integer id")
        }
        guard
            let startedAt = page.value(1, ofRow: row).flatMap({ JSONText.instant(text, $0) })
        else { throw UnusableBody("a row whose started_at is not a date-time") }
        let key = RowKey(startedAt: startedAt, id: id, isDeleted: try isDeleted(row, in: page, text))
        if let filter = contradiction(page, row, key, text, query) { throw FilterNotApplied(filter: filter) }
        return key
    }

    private func checkDetail(_ row: Int, in page: ScannedPage, _ text: Span<UInt8>, _ query: ListQuery) throws {
        switch detailCheck?.finding(in: page, row: row, of: text) {
        case nil: break
        case .notApplied: throw FilterNotApplied(filter: FilterNotApplied.detail)
        case .noList(let field): throw UnusableBody("a row on page \(query.page) whose \(field) is not a list")
        }
    }

    /// Whether a row is deleted.
    /// - Throws: `UnusableBody` if the row does not show it although it decides what is written.
    private func isDeleted(_ row: Int, in page: ScannedPage, _ text: Span<UInt8>) throws -> Bool {
        let value = page.value(2, ofRow: row).flatMap { JSONText.isNull(text, $0) ? nil : $0 }
        guard let value else {
            if deletedRows == .only { throw UnusableBody("a row without is_deleted, which only_deleted needs") }
            return false
        }
        guard let isDeleted = JSONText.boolean(text, value) else {
            throw UnusableBody("a row whose is_deleted is neither true nor false")
        }
        return isDeleted
    }

    private func contradiction(
        _ page: ScannedPage, _ row: Int, _ key: RowKey, _ text: Span<UInt8>, _ query: ListQuery
    ) -> String? {
        if let after = query.after, key.startedAt < after { return "started_at_after" }
        if key.startedAt > query.before { return "started_at_before" }
        if key.isDeleted, !query.includesDeleted, !deletedRows.counts(isDeleted: true) { return FilterName.includeDeleted.rawValue }
        return check.contradiction(in: page, row: row, of: text)
    }
}
