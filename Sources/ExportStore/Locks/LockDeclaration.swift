public import ExportCore

/// The declaration whose windows a run writes, as it says in its lock: runs of other declarations may not write beside it, whatever their shares.
public struct LockDeclaration: Sendable, Hashable, Codable {
    /// The pipeline's name.
    public let pipeline: String
    /// The length of its windows, as in the pipeline file.
    public let every: String

    /// Creates the declaration that a lock names.
    public init(pipeline: String, every: WindowLength) {
        (self.pipeline, self.every) = (pipeline, every.rawValue)
    }

    /// In a lock's file.
    var line: String { "\(Self.beginning)\(every) \(pipeline)" }

    private static let beginning = "declaration "

    /// Nil for another line.
    init?(_ line: String) {
        let words = line.splitExactly(at: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, line.startsExactly(with: Self.beginning) else { return nil }
        (every, pipeline) = (words[1], words[2])
    }

    /// - Throws: `StoreError.otherRun` where a run that is at work has another declaration.
    /// - Parameter other: Nil: it does not say.
    package func check(against other: LockDeclaration?, at path: String) throws(StoreError) {
        guard let other, other != self else { return }
        throw .otherRun(path: path, pipeline: other.pipeline, every: other.every)
    }
}
