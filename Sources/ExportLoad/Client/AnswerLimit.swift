/// Limits the output of a client other than answers of a warehouse, which are JSON arrays on separate lines.
struct AnswerLimit {
    /// The total size of lines that are not answers, in bytes.
    static let largest = 1 << 20
    /// The bytes of one answer.
    static let largestLine = 16 << 20

    private let takesAnswers: Bool
    private var strange = 0
    /// The bytes of the line that is not at its end yet.
    private var line = 0
    private var isAnswer = false

    /// Creates a limit.
    /// - Parameter takesAnswers: False if no statement returns anything.
    init(takesAnswers: Bool) {
        self.takesAnswers = takesAnswers
    }

    /// Counts what was read.
    /// - Returns: False if it is more than a warehouse's client prints.
    mutating func admits(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes {
            if line == 0 { isAnswer = takesAnswers && byte == UInt8(ascii: "[") }
            line += 1
            if !isAnswer { strange += 1 }
            guard line <= Self.largestLine, strange <= Self.largest else { return false }
            if byte == UInt8(ascii: "\n") { line = 0 }
        }
        return true
    }
}
