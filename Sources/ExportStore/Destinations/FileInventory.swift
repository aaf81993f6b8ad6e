import ExportCore

/// Compares the files that are in a destination with those that its manifests speak of.
///
/// Paths are looked at in passes, each with its share of them, so that no more than some 65,536 are held at once, however many
/// windows there are.
public struct FileInventory {
    private let destination: any ReadableDestination
    private let keys: [String]
    private let passes: Int

    private static let pathsPerPass = 65_536

    /// A file that does not belong to the manifests, or cannot be told.
    public enum Finding: Sendable, Hashable {
        /// No manifest that can be read speaks of it.
        case unlisted(path: String)
        /// A file that an earlier window, or an earlier output of this one, has too.
        case shared(path: String, window: String)
        /// A folder whose names cannot be read: what else is in it is not known.
        case unreadable(path: String, reason: StoreError)
    }

    /// - Parameter files: How many files all manifests name together.
    public init(of destination: any ReadableDestination, windowKeys: [String], files: Int) {
        self.init(of: destination, windowKeys: windowKeys, passes: files / Self.pathsPerPass + 1)
    }

    init(of destination: any ReadableDestination, windowKeys: [String], passes: Int) {
        self.destination = destination
        keys = windowKeys
        self.passes = passes
    }

    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    public func run(_ body: (Finding) async throws -> Void) async throws {
        for pass in 0..<passes {
            // By bytes: two paths that only look alike are two files.
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
