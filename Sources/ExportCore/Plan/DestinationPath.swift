/// The rule that the path of a file of a window keeps, from the destination on: it leads to a place inside, and to none of the state.
///
/// Compared by bytes, as file systems and stores read them.
package enum DestinationPath {
    /// The name below which the state of a destination lies.
    package static let state = "_agentsight"

    /// The reason why a text is not such a path. Nil if it is one.
    package static func fault(of path: some StringProtocol) -> PathFault? {
        let bytes = Array(path.utf8)
        let names = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if bytes.isEmpty { return .empty }
        if bytes.first == UInt8(ascii: "/") { return .absolute }
        if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\\" }) { return .character }
        if names.contains(where: \.isEmpty) { return .emptyPart }
        if names.contains(where: isStep) { return .leaves }
        return bytes.starts(with: state.utf8) ? .reserved : nil
    }

    /// Whether a path that others wrote can be of a file of this window: inside the destination, and of its state the kept rows alone.
    package static func isFile(_ path: String, of window: String) -> Bool {
        fault(of: path) == nil || path.utf8.elementsEqual(rows(window).utf8)
    }

    /// Whether a path that others wrote can be of anything that a window's commit puts in place before its manifest: a file, or digests.
    package static func isCommitted(_ path: String, of window: String) -> Bool {
        isFile(path, of: window) || path.utf8.elementsEqual(digests(window).utf8)
    }

    /// Where the rows of a window lie as they came, where its files may have to be written once more: the one path of a window's file
    /// that is in the state.
    package static func rows(_ key: String) -> String { "\(state)/rows/\(key).ndjson.gz" }

    /// Where the digests of a window's rows lie.
    package static func digests(_ key: String) -> String { "\(state)/digests/\(key).digests" }

    /// Whether a text can be a name within a folder: of a window, say.
    package static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return !bytes.isEmpty && !isStep(bytes[...]) && !bytes.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// Whether a name is no name of its own: `.` and `..`.
    private static func isStep(_ name: ArraySlice<UInt8>) -> Bool {
        (1...2).contains(name.count) && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }
}

/// A mistake in a path.
package enum PathFault: Hashable, Sendable {
    case empty, absolute, leaves, emptyPart, character, reserved
}
