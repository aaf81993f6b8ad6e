/// A value that is stored in a file under `_agentsight`, with limits for its size and numbers.
///
/// Files in a destination are untrusted, since anyone who can write to it can change them. A file beyond the limits counts as damaged, so
/// that no calculation with a value from it overflows, and no file fills the memory.
package protocol StoredState: Codable, Sendable {
    /// The format that this version writes, and the newest that it reads. A file with a higher format was written by a newer version.
    static var newestFormat: Int { get }
    /// The maximum size of such a file in bytes. A larger one is neither written nor read.
    static var largestFile: Int { get }
    /// Whether each number, path and span is one that a run can write.
    var isWithinBounds: Bool { get }
}

extension Int {
    /// The largest number of rows, bytes, requests or anything else that is counted: every JSON reader represents it exactly.
    package static let largestCount = 1 << 53

    /// Whether the number is a plausible count.
    package var isCount: Bool { 0...Self.largestCount ~= self }
}

extension Sequence<Int> {
    /// The sum of untrusted, non-negative numbers, clamped to the largest integer.
    package var clampedSum: Int { reduce(0) { $0.addingClamped($1) } }
}

extension Int {
    /// The sum of two non-negative numbers, clamped to the largest integer.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, isBeyond) = addingReportingOverflow(other)
        return isBeyond ? .max : sum
    }
}
