import ExportCore

/// Compares the files in a destination with those listed in its manifests.
///
/// The comparison takes several passes, each over a share of the paths, so that only about 65,536 are in memory at once, whatever the
/// number of windows.
public struct FileInventory {
    private let destination: any ReadableDestination
    private let keys: [String]
    private let passes: Int

    private static let pathsPerPass = 65_536

    /// A file that does not agree with the manifests, or a folder that cannot be read.
    public enum Finding: Sendable, Hashable {
        /// A file that no readable manifest lists.
        case unlisted(path: String)
        /// A file that an earlier window, or an earlier output of this one, also lists.
        case shared(path: String, window: String)
        /// A folder whose contents cannot be listed.
        case unreadable(path: String, reason: StoreError)
    }

    /// Creates the inventory of a destination.
    /// - Parameter files: The number of files listed in all manifests together.
    public init(of destination: any ReadableDestination, windowKeys: [String], files: Int) {
        self.init(of: destination, windowKeys: windowKeys, passes: files / Self.pathsPerPass + 1)
    }

    init(of destination: any ReadableDestination, windowKeys: [String], passes: Int) {
        self.destination = destination
        keys = windowKeys
        self.passes = passes
    }

    /// Compares all files, and calls `body` with each finding.
    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    public func run(_ body: (Finding) async throws -> Void) async throws {
        for pass in 0..<passes {
            // Compared by bytes, since two paths that only look the same are two files.
            var named: Set<[UInt8]> = []
            for key in keys {
                try Task.checkCancellation()
                for file in try await destination.readableManifest(under: key)?.files ?? [] {
                    let path = Array(file.path.utf8)
                    if isOf(pass, path), !named.insert(path).inserted {
                        try await body(.shared(path: file.path, window: key))
                    }
                }
            }
            try await destination.forEachFile { name in
                let path = Array(name.utf8)
                if isOf(pass, path), !named.contains(path) { try await body(.unlisted(path: name)) }
            } unreadable: { path, reason in
                if pass == 0 { try await body(.unreadable(path: path, reason: reason)) }
            }
        }
    }

    private func isOf(_ pass: Int, _ path: [UInt8]) -> Bool {
        passes == 1 || path.hashValue.magnitude % UInt(passes) == UInt(pass)
    }
}
