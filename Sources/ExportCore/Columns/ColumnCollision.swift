/// A key found in rows that is no column, since the name that its column would have is taken: its values are in the rest.
public struct ColumnCollision: Sendable, Hashable {
    /// The table that has both.
    public let table: Table
    /// The column's name.
    public let name: String
    /// The path of the key, as it is shown.
    public let key: String
    /// The key or column that has the name, as it is shown.
    public let holder: String

    /// Creates a collision of a key with the column that has its name.
    public init(table: Table, name: String, key: String, holder: String) {
        (self.table, self.name, self.key, self.holder) = (table, name, key, holder)
    }
}
