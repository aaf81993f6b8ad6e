public import ExportCore

/// The declaration of a run, recorded in its lock. Runs of other declarations may not write at the same time, whatever their shares.
public struct LockDeclaration: Sendable, Hashable, Codable {
    /// The pipeline's name.
    public let pipeline: String
    /// The length of its windows, as in the pipeline file.
    public let every: String

    /// Creates the declaration for a lock.
    public init(pipeline: String, every: WindowLength) {
        (self.pipeline, self.every) = (pipeline, every.rawValue)
    }

    /// The line in a lock's file.
    var line: String { "\(Self.beginning)\(every) \(pipeline)" }

    private static let beginning = "declaration "

    /// Parses a line. `nil` if it is another line.
    init?(_ line: String) {
        let words = line.splitExactly(at: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, line.startsExactly(with: Self.beginning) else { return nil }
        (every, pipeline) = (words[1], words[2])
    }

    /// Checks that another run in progress has the same declaration.
    /// - Parameter other: The declaration of the other run. `nil` if it is unknown.
    /// - Throws: `StoreError.otherRun` if it is another declaration.
    package func check(against other: LockDeclaration?, at path: String) throws(StoreError) {
        guard let other, other != self else { return }
        throw .otherRun(path: path, pipeline: other.pipeline, every: other.every)
    }
}
