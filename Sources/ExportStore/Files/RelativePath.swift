import ExportCore

/// A path from a folder on that stays below it: names, none of them empty, `.` or `..`.
struct RelativePath: Sendable, Hashable {
    /// At least one.
    let names: [FileName]

    /// Nil where the text is no such path.
    init?(_ text: String) {
        var names: [FileName] = []
        // By bytes, as the system splits it: a slash may be a part of a character.
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = FileName(part) else { return nil }
            names.append(name)
        }
        self.names = names
    }

    /// The names of the folder that the path's last name is in; none where that is the folder that it starts from.
    var folder: [FileName] { names.dropLast() }
    var name: FileName { names[names.count - 1] }

    /// The path of a window's file, which is never one of the exporter's own but for its rows as they came and its digests. Nil where the
    /// text is none.
    init?(ofFile text: String) {
        self.init(text)
        guard names[0].string.startsExactly(with: StateLayout.folder) else { return }
        let isOfWindow = [StateLayout.rows, StateLayout.digests].contains { text.startsExactly(with: "\($0)/") }
        guard names.count == 3, isOfWindow else { return nil }
    }
}
