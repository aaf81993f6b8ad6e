/// A row in comparisons: its id, and digests of what it holds.
public struct RowDigest: Sendable, Hashable {
    /// The row's id.
    public var id: Int64
    /// Digest of the documented fields that rows with and without transcripts have in common.
    public var lean: UInt64
    /// Digest of the whole row as it came, without volatile values.
    public var whole: UInt64

    /// Creates the digests of a row.
    public init(id: Int64, lean: UInt64, whole: UInt64) {
        self.id = id
        self.lean = lean
        self.whole = whole
    }
}
