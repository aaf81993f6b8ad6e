import ExportCore

/// Parses a destination as typed: a folder or `s3://bucket/prefix`.
enum DestinationText {
    static func parse(_ text: String) -> DestinationLocation? {
        guard !text.isEmpty, text != "~", !text.startsExactly(with: "~/"), !text.unicodeScalars.contains(where: \.isControl) else {
            return nil
        }
        return text.containsExactly("://") ? objects(text).map(DestinationLocation.s3) : .folder(text)
    }

    /// Parses exactly `s3://bucket/prefix`.
    static func objects(_ text: String) -> ObjectLocation? {
        guard let rest = text.tail(afterExactly: scheme), !text.unicodeScalars.contains(where: \.isControl) else { return nil }
        let parts = rest.splitExactly(at: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bucket = parts.first, isBucket(bucket) else { return nil }
        var prefix = parts.count > 1 ? parts[1] : ""
        if let head = prefix.head(beforeExactly: "/") { prefix = head }
        let names = prefix.splitExactly(at: "/", omittingEmptySubsequences: false)
        // Some readers give parts of only dots a special meaning.
        guard prefix.isEmpty || !names.contains(where: { ["", ".", ".."].contains($0) }) else { return nil }
        return ObjectLocation(bucket: String(bucket), prefix: String(prefix))
    }

    static let scheme = "s3://"

    /// The destination that an invalid text probably means.
    static func nearest(to text: String) -> String? {
        if text.startsExactly(with: "~/") { return "${HOME}\(text.dropFirst())" }
        let lowercased = text.lowercased()
        return parse(lowercased) == nil ? nil : lowercased
    }

    /// Whether a name follows the naming rules of general purpose buckets, without the rules for reserved words.
    private static func isBucket(_ text: Substring) -> Bool {
        func isLetterOrDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        guard (3...63).contains(text.utf8.count), let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E }
    }
}

extension Unicode.Scalar {
    var isControl: Bool { properties.generalCategory == .control }
}
