/// A value that is kept in a file under `_agentsight`, with the limits for its size and numbers.
///
/// Anyone who can write to a destination can write anything there. A file beyond the limits counts as damaged, so that no calculation with
/// a state that was read overflows, and no file fills the memory.
package protocol StoredState: Codable, Sendable {
    /// The newest format that this version writes and reads. A file of a higher one is a newer version's.
    static var newestFormat: Int { get }
    /// The size of such a file at most, in bytes. A larger one is neither written nor read.
    static var largestFile: Int { get }
    /// Whether each number, path and span is one that a run can have written.
    var isWithinBounds: Bool { get }
}

extension Int {
    /// The largest number of rows, bytes, requests or whatever else is counted: every reader of JSON keeps it to the digit.
    package static let largestCount = 1 << 53

    /// Whether it can be a number of something.
    package var isCount: Bool { 0...Self.largestCount ~= self }
}

extension Sequence<Int> {
    /// The sum of numbers that others may have written, none of them negative: the largest number where it would be beyond.
    package var clampedSum: Int { reduce(0) { $0.addingClamped($1) } }
}

extension Int {
    /// The sum of two numbers of which none is negative: the largest number where it would be beyond.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, isBeyond) = addingReportingOverflow(other)
        return isBeyond ? .max : sum
    }
}
