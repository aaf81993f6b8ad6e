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
            return isThere && !isFolder.boolValue && name.startsExactly(with: ".") == form.starts(with: ["."])
                && fits(Array(name.unicodeScalars)[...], form[...])
        }.map { folder + $0 }
    }

    private static func fits(_ name: ArraySlice<Unicode.Scalar>, _ form: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let next = form.first else { return name.isEmpty }
        if next == "*" { return fits(name, form.dropFirst()) || !name.isEmpty && fits(name.dropFirst(), form) }
        guard let first = name.first, next == "?" || next == first else { return false }
        return fits(name.dropFirst(), form.dropFirst())
    }
}
