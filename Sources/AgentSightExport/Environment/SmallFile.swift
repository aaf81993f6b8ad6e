import Foundation

/// Reads small files, up to a size limit.
enum SmallFile {
    /// The contents of a file, cut off after `limit` bytes and one more. `nil` if the file cannot be read.
    static func read(_ path: String, atMost limit: Int) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        var content = Data()
        do {
            while content.count <= limit, let chunk = try file.read(upToCount: min(limit - content.count + 1, 1 << 18)),
                !chunk.isEmpty
            {
                content += chunk
            }
        } catch {
            return nil
        }
        return content
    }
}
