import ExportCore

/// Makes text from a server safe for errors and logs: without the secrets that this command sends, on one line, and truncated.
///
/// All messages of a service, a store, a token exchange or anything that responds instead of them are redacted before they are put into an
/// error or a log.
package struct Redaction: Sendable {
    private let redacted: @Sendable (String) -> String

    private static let longest = 300

    /// Creates a redaction.
    /// - Parameter redacted: Returns a text without the secrets that were sent.
    package init(_ redacted: @escaping @Sendable (String) -> String) {
        self.redacted = redacted
    }

    /// Returns a redacted text. Secrets are removed before the text is truncated, so that no part of them remains.
    package func redacted(_ words: String) -> String {
        let line = redacted(words.shown(replacing: " ")).unicodeScalars
        guard let end = line.index(line.startIndex, offsetBy: Self.longest, limitedBy: line.endIndex), end < line.endIndex else {
            return String(line)
        }
        return String(line[..<end]) + "…"
    }
}
