import FoundationEssentials
import SystemPackage

/// A temporary file of rows that only this user can read.
struct RowFile {
    let path: String
    private let descriptor: FileDescriptor

    /// - Throws: `LoadError.temporaryFile`.
    init(in folder: String) throws {
        let path = "\(folder)/agentsight-rows-\(UInt64.random(in: 0 ... .max)).csv"
        do {
            descriptor = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite)
        } catch {
            throw LoadError.temporaryFile(path: path, reason: "\(error)")
        }
        self.path = path
    }

    /// - Throws: `LoadError.temporaryFile`, as where the disk is full.
    func write(_ bytes: [UInt8]) throws {
        do { _ = try descriptor.writeAll(bytes) } catch { throw LoadError.temporaryFile(path: path, reason: "\(error)") }
    }

    /// Closes and removes the file.
    func remove() {
        // Nothing depends on it: a file that stays is one of the temporary folder.
        try? descriptor.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}
