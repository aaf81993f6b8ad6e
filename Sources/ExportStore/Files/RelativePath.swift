import ExportCore

/// A relative path that stays below its folder: its names are not empty, `.` or `..`.
struct RelativePath: Sendable, Hashable {
    /// The names, at least one.
    let names: [FileName]

    /// Creates a path from text. `nil` if it is not such a path.
    init?(_ text: String) {
        var names: [FileName] = []
        // Split by bytes, as the system does, since a slash may be part of a grapheme cluster.
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = FileName(part) else { return nil }
            names.append(name)
        }
        self.names = names
    }

    /// The names without the last one: the folder of the path. Empty if that is the folder at which the path starts.
    var folder: [FileName] { names.dropLast() }
    var name: FileName { names[names.count - 1] }

    /// Creates the path of a window's file. `nil` if the text is not such a path. Of the exporter's own files, only kept rows and digests
    /// are allowed.
    init?(ofFile text: String) {
        self.init(text)
        guard names[0].string.startsExactly(with: StateLayout.folder) else { return }
        let isOfWindow = [StateLayout.rows, StateLayout.digests].contains { text.startsExactly(with: "\($0)/") }
        guard names.count == 3, isOfWindow else { return nil }
    }
}
