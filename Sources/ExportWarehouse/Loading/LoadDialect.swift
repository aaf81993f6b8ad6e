import ExportCore

/// The differences between systems in the statements of a load.
protocol LoadDialect: Sendable {
    var warehouse: any WarehouseDialect { get }

    /// Settings of the session, which override those of its user.
    var settings: [String] { get }
    /// Whether names that differ only in the case of ASCII letters are one.
    var foldsCase: Bool { get }
    /// Selects an array of the system's version, the used schema, whether it exists, and whether its database outlives the session.
    /// - Parameter schema: The schema. `nil` for that of the session.
    func identity(schema: String?) -> String
    /// Arrays of table, column, type, and whether each row must give the column a value, for the columns of some tables.
    func catalog(of tables: [String], in schema: String) -> String

    /// The type of a column that may be null.
    func type(of type: ColumnType) -> String
    /// A row of a result as one text: a JSON array of these values, on a line of its own.
    func array(_ values: [String]) -> String
    /// A hash of the cells of these columns as a number, independent of the session.
    func hash(of columns: [String]) -> String
    /// The sum of whole numbers, as text; 0 where there are none.
    func sum(of value: String) -> String
    /// A time of the export.
    func instant(_ text: String) -> String
    /// A time with its offset, as text.
    func text(ofTime time: String) -> String
    /// The warehouse's clock.
    var clock: String { get }
    /// Makes a time of `clock` one microsecond later than the latest of a table.
    func later(than column: String, of table: String) -> String
    /// Whether a column contains a text.
    func contains(_ text: String, in column: String) -> String
    /// The types of a column, beside its own, that hold its values without loss.
    func widerTypes(than type: ColumnType) -> [String]
    /// The type as named in the system's catalog.
    func catalogType(of type: ColumnType) -> String
    /// Renames a table.
    func renaming(of table: String, to name: String, in schema: String) -> String
}

extension LoadDialect {
    var foldsCase: Bool { false }

    func type(of type: ColumnType) -> String { warehouse.type(of: type) }

    func instant(_ text: String) -> String { "CAST(\(warehouse.literal(text)) AS \(type(of: .timestamp)))" }

    func text(ofTime time: String) -> String { "CAST(\(time) AS \(type(of: .string)))" }

    func renaming(of table: String, to name: String, in schema: String) -> String {
        "ALTER TABLE \(warehouse.quoted(schema)).\(warehouse.quoted(table)) RENAME TO \(warehouse.quoted(name));"
    }
}

/// A system with transactions, in which the rows of a window are replaced.
protocol TransactionDialect: LoadDialect {
    /// An array as `array` makes it, of whole numbers alone and any number of them.
    func numbers(_ values: [String]) -> String
    /// Creates or empties a temporary table.
    /// - Parameter columns: The columns with their types.
    func temporary(_ name: String, columns: [(name: String, type: String)]) -> [String]
    /// Creates or empties a temporary table with the columns of another.
    func temporary(_ name: String, like table: String, columns: String) -> [String]
    /// The first statements of a transaction, which block other loads until it ends.
    func begin(in schema: String) -> [String]
    /// Creates a table if it does not exist.
    func definition(of name: String, columns: [(name: String, type: String)], key: [String], isNotNull: [String]) -> String
    /// Indexes of a new table of rows.
    func indexes(of table: LoadTable, named name: String) -> [String]
    /// Adds a column to a table.
    func addition(of column: String, type: String, to name: String) -> String
    /// Changes the type of a column to one that holds all of its values unchanged.
    func widening(of column: String, to type: String, in name: String) -> String
}

extension TransactionDialect {
    func addition(of column: String, type: String, to name: String) -> String {
        "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(warehouse.quoted(column)) \(type);"
    }
}
