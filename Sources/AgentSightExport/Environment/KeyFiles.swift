import ExportCore
import Foundation

/// The files that a pattern names: `keys/*.key`.
enum KeyFiles {
    /// Stars and question marks stand for what is in a file's name, not in its folder's. A name that begins with a point is meant only
    /// where the pattern does.
    static func find(_ pattern: String) -> [String] {
        let scalars = pattern.unicodeScalars
        let slash = scalars.lastIndex(of: "/")
        let folder = slash.map { String(scalars[...$0]) } ?? ""
        let form = Array(slash.map { scalars[$0...].dropFirst() } ?? scalars[...])
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder)
            // One whose name is no text is not found under what is left of it, and is for the plan to refuse.
            let isUnreadable = name.containsExactly("\u{FFFD}")
            return (isThere && !isFolder.boolValue || isUnreadable) && name.startsExactly(with: ".") == form.starts(with: ["."])
                && fits(Array(name.unicodeScalars), Array(form))
        }.map { folder + $0 }
    }

    /// Only the last star may have to stand for more than it was first taken for: so a name is gone through once for each letter at most.
    private static func fits(_ name: [Unicode.Scalar], _ form: [Unicode.Scalar]) -> Bool {
        var (place, next) = (0, 0)
        var star: (place: Int, next: Int)?
        while place < name.count {
            if next < form.count, form[next] == "*" {
                star = (place, next)
                next += 1
            } else if next < form.count, form[next] == "?" || form[next] == name[place] {
                (place, next) = (place + 1, next + 1)
            } else if let last = star {
                star = (last.place + 1, last.next)
                (place, next) = (last.place + 1, last.next + 1)
            } else {
                return false
            }
        }
        return form[next...].allSatisfy { $0 == "*" }
    }
}
