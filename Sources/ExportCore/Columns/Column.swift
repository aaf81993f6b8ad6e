/// A column, or a family of columns, as a pipeline file declares it.
public enum ColumnSelector: Sendable, Hashable {
    case column(Column)
    /// Every key known below this path, each a column of its own, and one for the rest: `metadata.*` is `["metadata"]`.
    case every(path: [String])
    /// The name of the conversation's agent, as in the pipeline file.
    case agent(name: String)
    /// Every key of a row that is not a field of the stream, as one JSON object. Newer releases of the service add keys.
    case rest
}

extension ColumnSelector {
    /// The placeholder in `columns` for the agent's name.
    public static let agentPlaceholder = "{agent}"
    /// The default name of the column that holds the agent's name.
    public static let agentColumn = "agent_name"
}

/// A named value of a row.
public struct Column: Sendable, Hashable {
    /// The column's name in the file.
    public var name: String
    /// Keys from the row inwards: `["metadata", "customer_tier"]`.
    public var path: [String]
    /// The type of the column. If `nil`, it is determined from the values.
    public var type: ColumnType?

    /// Creates a column with a name of its own.
    public init(name: String, path: [String], type: ColumnType? = nil) {
        self.name = name
        self.path = path
        self.type = type
    }

    /// A column under its usual name, the keys joined with `__`.
    public init(path: [String], type: ColumnType? = nil) {
        self.init(name: Self.name(of: path), path: path, type: type)
    }

    /// `["metadata", "analysis", "sentiment"]` is `metadata__analysis__sentiment`.
    public static func name(of path: [String]) -> String {
        path.joined(separator: "__")
    }
}

/// The type of a column's values.
public enum ColumnType: String, Sendable, Hashable, CaseIterable, Codable {
    case string, integer, number, decimal, boolean, timestamp, json
}
