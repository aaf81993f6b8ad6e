/// The rules for the paths of a window's files, relative to the destination: they stay inside it and outside its state folder.
///
/// Paths are compared by bytes, as file systems and stores do.
package enum DestinationPath {
    /// The name of the folder with the state of a destination.
    package static let state = "_agentsight"

    /// The reason why a text is not a valid path. `nil` if it is valid.
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

    /// Whether an untrusted path is valid for a file of this window: inside the destination, and within its state only that of the kept
    /// rows.
    package static func isFile(_ path: String, of window: String) -> Bool {
        fault(of: path) == nil || path.utf8.elementsEqual(rows(window).utf8)
    }

    /// Whether an untrusted path is valid for anything that a window's commit puts in place before its manifest: a file, or digests.
    package static func isCommitted(_ path: String, of window: String) -> Bool {
        isFile(path, of: window) || path.utf8.elementsEqual(digests(window).utf8)
    }

    /// The path of a window's kept rows, unchanged, from which its files can be rewritten: the only file of a window inside the state
    /// folder.
    package static func rows(_ key: String) -> String { "\(state)/rows/\(key).ndjson.gz" }

    /// The path of the digests of a window's rows.
    package static func digests(_ key: String) -> String { "\(state)/digests/\(key).digests" }

    /// Whether a text is a valid name within a folder, for example of a window.
    package static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return !bytes.isEmpty && !isStep(bytes[...]) && !bytes.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// Whether a name is `.` or `..`.
    private static func isStep(_ name: ArraySlice<UInt8>) -> Bool {
        (1...2).contains(name.count) && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }
}

/// A mistake in a path.
package enum PathFault: Hashable, Sendable {
    case empty, absolute, leaves, emptyPart, character, reserved
}
