public import ExportCore

/// The values in a column that the service creates anew for each response. A row that differs only in them has not changed.
///
/// An example is `file_url`, a link to an attachment that is signed for an hour.
public enum VolatileValues: Sendable, Hashable {
    case none
    /// The whole cell.
    case cell
    /// Members of the JSON in the cell, by their key.
    case members(key: String)

    static let key = VolatileField.attachmentLink.path[2]

    /// The volatile values of a column.
    /// - Parameter path: The keys of the column, from the row inwards.
    public init(in path: [String], of table: Table) {
        self =
            switch (table, path) {
            case (.attachments, [Self.key]): .cell
            case (.conversations, ["messages"]), (.conversations, []), (.messages, ["attachments"]): .members(key: Self.key)
            default: .none
            }
    }
}

extension RowCells {
    /// Appends the text of a cell without its volatile values. A null appends nothing.
    public func append(cell: Int, without volatile: VolatileValues, to output: inout [UInt8]) {
        guard let range = cells[cell] else { return }
        switch volatile {
        case .cell: break
        case .none: output.append(bytes.span, range)
        case .members(let key): JSONText.append(bytes.span, range, withoutMembers: Array(key.utf8), to: &output)
        }
    }
}

extension JSONText {
    /// Appends a value. For members with this key, at any depth, only the key is appended.
    static func append(_ text: Span<UInt8>, _ value: Range<Int>, withoutMembers key: [UInt8], to output: inout [UInt8]) {
        switch kind(text, value) {
        case .object:
            output.append(Byte.openBrace)
            var members = JSONMembers(of: value, in: text)
            while let member = members.next(in: text) {
                output.append(text, member.key)
                output.append(Byte.colon)
                if !isKey(text, member.key, key) { append(text, member.value, withoutMembers: key, to: &output) }
                output.append(Byte.comma)
            }
            output.append(Byte.closeBrace)
        case .array:
            output.append(Byte.openBracket)
            var elements = JSONElements(of: value, in: text)
            while let element = elements.next(in: text) {
                append(text, element, withoutMembers: key, to: &output)
                output.append(Byte.comma)
            }
            output.append(Byte.closeBracket)
        default: output.append(text, value)
        }
    }
}
