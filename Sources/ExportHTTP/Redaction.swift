import ExportCore

/// Makes text from a server fit for errors and logs: without the secrets that this command sends, on one line, cut where it is long.
///
/// All that a service, a store, a token exchange or what stands in their place says of itself passes here before it is put into an
/// error or a log.
package struct Redaction: Sendable {
    private let redacted: @Sendable (String) -> String

    private static let longest = 300

    /// - Parameter redacted: A text without the secrets that were sent.
    package init(_ redacted: @escaping @Sendable (String) -> String) {
        self.redacted = redacted
    }

    /// Blanked first, and only then cut, so that no part of a secret is left.
    package func redacted(_ words: String) -> String {
        let line = redacted(words.shown(replacing: " ")).unicodeScalars
        guard let end = line.index(line.startIndex, offsetBy: Self.longest, limitedBy: line.endIndex), end < line.endIndex else {
            return String(line)
        }
        return String(line[..<end]) + "…"
    }
}
