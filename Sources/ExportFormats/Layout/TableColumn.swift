public import ExportCore

/// A column of a table as it will be written.
public struct TableColumn: Sendable, Hashable {
    /// Where a column's cells come from.
    public enum Content: Sendable, Hashable {
        /// The value at the path, whatever it is. An empty path is the row itself.
        case value(path: [String], type: ColumnType?)
        /// The value at the path of a key that a wildcard found; an object that has members is left to the columns of its keys.
        case leaf(path: [String], type: ColumnType?)
        /// The values below the path that are in no other column, as JSON. An empty path: keys of the row that are no field of the stream.
        case rest(path: [String])
        /// The same text in every row.
        case constant(String)
    }

    /// The column's name in the file.
    public let name: String
    /// Where its cells come from.
    public let content: Content
}

extension TableColumn.Content {
    /// Nil: any value, as it came.
    public var type: ColumnType? {
        switch self {
        case .value(_, let type), .leaf(_, let type): type
        case .rest: .json
        case .constant: .string
        }
    }

    /// The type as manifests name it.
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
    /// The path with dots; keys that hold anything but letters, digits, `_` and `-` are quoted: `metadata."a.b"`.
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
