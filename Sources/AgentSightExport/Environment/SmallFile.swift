import Foundation

/// Reads files that are small by their nature, whatever stands in their place.
enum SmallFile {
    /// The whole of a file, or as much of it as `limit` and one byte more; nil where it cannot be read.
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
