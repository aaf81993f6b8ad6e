public import ExportCore

/// A column of a written table.
public struct TableColumn: Sendable, Hashable {
    /// The source of a column's cells.
    public enum Content: Sendable, Hashable {
        /// The value at the path, whatever it is. An empty path is the row itself.
        case value(path: [String], type: ColumnType?)
        /// The value at the path of a key that a wildcard found; a non-empty object is written to its keys' own columns.
        case leaf(path: [String], type: ColumnType?)
        /// The values below the path that are in no other column, as JSON. If the path is empty: keys of the row that are not fields of the
        /// stream.
        case rest(path: [String])
        /// The same text in every row.
        case constant(String)
    }

    /// The column's name in the file.
    public let name: String
    /// The source of its cells.
    public let content: Content
}

extension TableColumn.Content {
    /// The type of the column. `nil` for unchanged values of any type.
    public var type: ColumnType? {
        switch self {
        case .value(_, let type), .leaf(_, let type): type
        case .rest: .json
        case .constant: .string
        }
    }

    /// The name of the type in manifests.
    public var typeName: String { type?.rawValue ?? "any" }
}

extension TableColumn.Content {
    /// Whether a declared column holds the value of a key that is not one of the fields itself.
    func isKey(besides fields: [String]) -> Bool {
        guard case .value(let path, _) = self else { return false }
        return path.count > 1 || !fields.contains { path.elementsEqual([$0]) { $0.utf8.elementsEqual($1.utf8) } }
    }
}

extension TableColumn.Content: CustomStringConvertible {
    /// The path with dots. Keys with other characters than letters, digits, `_` and `-` are quoted: `metadata."a.b"`.
    public var description: String {
        switch self {
        case .value(let path, _), .leaf(let path, _): Self.describe(path)
        case .constant(let text): "the agent \(text)"
        case .rest(let path): path.isEmpty ? "the unknown keys of the row" : "the rest of \(Self.describe(path))"
        }
    }

    private static func describe(_ path: [String]) -> String {
        guard !path.isEmpty else { return "the row" }
        return path.map { key in
            let isPlain = !key.isEmpty && key.utf8.allSatisfy(isPlain)
            return isPlain ? key : key.debugDescription
        }.joined(separator: ".")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
    }
}
