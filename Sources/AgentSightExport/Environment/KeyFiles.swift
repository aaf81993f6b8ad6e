import ExportCore
import ExportStore
import Foundation
import SystemPackage

/// The files that a pattern names: `keys/*.key`.
enum KeyFiles {
    /// Stars and question marks stand for what is in a file's name, not in its folder's. A name that begins with a point is meant only
    /// where the pattern does.
    /// - Throws: `Errno` if the folder cannot be read. A file that cannot be looked at is named: its key cannot be read either.
    static func find(_ pattern: String) throws -> [String] {
        let scalars = pattern.unicodeScalars
        let slash = scalars.lastIndex(of: "/")
        let folder = slash.map { String(scalars[...$0]) } ?? ""
        let form = Array(slash.map { scalars[$0...].dropFirst() } ?? scalars[...])
        let listed = folder.isEmpty ? "." : folder
        do {
            try FileDescriptor.open(FilePath(listed), .readOnly).close()
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return []
        }
        return try FileManager.default.contentsOfDirectory(atPath: listed).filter { name in
            name.startsExactly(with: ".") == form.starts(with: ["."]) && fits(Array(name.unicodeScalars), Array(form))
                && mayBeFile(folder + name)
        }.map { folder + $0 }
    }

    private static func mayBeFile(_ path: String) -> Bool {
        do {
            // One whose name is no text is not found under what is left of it, and is for the plan to refuse.
            guard let kind = try FileKind.at(path) else { return path.containsExactly("\u{FFFD}") }
            return kind != .folder
        } catch {
            return true
        }
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
