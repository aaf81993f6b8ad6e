import ExportCore

/// Why columns do not make a table.
public enum LayoutError: Error, Sendable, Hashable {
    /// Two columns of one name. Paths are made of keys, which are structure and may be shown.
    case duplicateName(String, first: TableColumn.Content, second: TableColumn.Content)
}

extension LayoutError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .duplicateName(let name, let first, let second):
            """
            two columns are named \(name.debugDescription.shown()): \("\(first) and \(second)".shown()); \
            declare one of them under \"columns\" with a name of its own
            """
        }
    }
}
