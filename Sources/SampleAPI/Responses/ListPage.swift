/// One page of a selection, cut but not yet rendered.
struct ListPage: Sendable {
    let count: Int
    let number: Int
    let pageSize: Int
    var rows: [SampleRow]

    var pages: Int { max(1, (count + pageSize - 1) / pageSize) }

    /// The form of the count.
    enum CountForm: Sendable, Hashable {
        case honest
        case off(by: Int)
        case zero
        case null
    }

    /// The form of `next`.
    enum NextForm: Sendable, Hashable {
        case honest, missing, endless
    }

    /// The same with rows as a deployment shows them without transcripts.
    func lean(_ configuration: SampleService.Configuration) -> ListPage {
        guard configuration.otherLeanNames != nil || !configuration.fieldsNotLean.isEmpty else { return self }
        var rows = rows
        for place in rows.indices {
            if let every = configuration.otherLeanNames, rows[place].id.isMultiple(of: every) {
                rows[place].name = "lean \(rows[place].name ?? "")"
            }
            rows[place].renderHead(without: configuration.fieldsNotLean)
        }
        return ListPage(count: count, number: number, pageSize: pageSize, rows: rows)
    }

    /// How far the envelope tells the truth about the rows.
    struct Envelope: Sendable, Hashable {
        var count = CountForm.honest
        var next = NextForm.honest
    }

    /// The rows alone, as `paginate=false` brings them.
    func renderList(_ query: ConversationQuery) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(UInt8(ascii: "["))
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            row.append(query.detail, withTickets: query.withTickets, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    /// The envelope of the service's generation around the rows.
    ///
    /// - Parameters:
    ///   - links: an absolute URL for the page of a number
    func render(
        _ query: ConversationQuery, generation: SampleService.Generation, _ envelope: Envelope, links: (Int) -> String
    ) -> [UInt8] {
        let written: JSONValue =
            switch envelope.count {
            case .honest: .integer(count)
            case .off(let difference): .integer(max(0, count + difference))
            case .zero: 0
            case .null: nil
            }
        let hasNext =
            switch envelope.next {
            case .honest: number < pages
            case .missing: false
            case .endless: true
            }
        let next: JSONValue = hasNext ? .string(links(number + 1)) : nil
        let previous: JSONValue = number > 1 ? .string(links(number - 1)) : nil
        let members: [JSONValue.Member] =
            switch generation {
            case .old:
                [.init(key: "count", value: written), .init(key: "next", value: next), .init(key: "previous", value: previous)]
            case .new:
                [
                    .init(key: "count", value: written), .init(key: "page_size", value: .integer(pageSize)),
                    .init(key: "total_pages", value: .integer(pages)), .init(key: "current_page", value: .integer(number)),
                    .init(key: "next", value: next), .init(key: "previous", value: previous),
                ]
            }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024 + rows.reduce(0) { $0 + $1.head.count + $1.transcript.count + $1.tickets.count + 64 })
        bytes.append(UInt8(ascii: "{"))
        JSONValue.render(members, into: &bytes)
        bytes += ",\"results\":[".utf8
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            row.append(query.detail, withTickets: query.withTickets, to: &bytes)
        }
        bytes += "]}".utf8
        return bytes
    }
}
