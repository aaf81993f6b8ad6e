import ExportStore

/// Which paths and names that others wrote, into a manifest, a lock or a list, are those of a destination's own files.
///
/// Compared by bytes, as a store reads them.
enum PathCheck {
    /// Whether a path leads from the destination to a place inside, and to none of its state but kept rows.
    static func isFile(_ path: String) -> Bool {
        let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard names.allSatisfy({ isName(String(decoding: $0, as: UTF8.self)) }) else { return false }
        return !path.utf8.starts(with: StateLayout.folder.utf8)
            || names.count == 3 && path.utf8.starts(with: "\(StateLayout.rows)/".utf8)
    }

    /// Whether a text can be a window's key, or a run's name.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 } && !text.utf8.elementsEqual(".".utf8)
            && !text.utf8.elementsEqual("..".utf8)
    }
}
