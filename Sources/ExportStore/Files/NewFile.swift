import SystemPackage

/// A small file that must not exist yet.
public enum NewFile {
    /// Writes a file completely, or not at all.
    /// - Throws: `StoreError.system`, with `fileExists` if the name is taken.
    public static func write(_ content: [UInt8], to path: String) throws {
        let path = FilePath(path)
        guard let folder = try Folder.open(path.removingLastComponent()),
            let name = path.lastComponent.flatMap({ FileName($0.string.utf8) })
        else {
            throw StoreError.system(.create, path: path.string, .noSuchFileOrDirectory)
        }
        var file = OutputFile(try folder.createFile(name), path: path.string)
        do {
            try file.write(content)
            _ = try file.finish()
        } catch {
            try? folder.remove(name)
            throw error
        }
    }
}
