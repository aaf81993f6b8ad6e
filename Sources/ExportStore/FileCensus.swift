import ExportCore

/// Compares the files that are in a destination with those that its manifests speak of.
///
/// Paths are looked at in passes, each with its share of them, so that no more than some 65,536 are held at once, however many
/// windows there are.
public struct FileCensus {
    private let folder: FolderDestination
    private let keys: [String]
    private let passes: Int

    private static let pathsOfAPass = 65_536

    public enum Finding: Sendable, Hashable {
        /// No manifest that can be read speaks of it.
        case strange(path: String)
        /// A file that an earlier window, or an earlier output of this one, has too.
        case shared(path: String, window: String)
    }

    /// - Parameter files: How many files all manifests name together.
    public init(of folder: FolderDestination, windowKeys: [String], files: Int) {
        self.init(of: folder, windowKeys: windowKeys, passes: files / Self.pathsOfAPass + 1)
    }

    init(of folder: FolderDestination, windowKeys: [String], passes: Int) {
        self.folder = folder
        keys = windowKeys
        self.passes = passes
    }

    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    public func run(_ body: (Finding) throws -> Void) throws {
        for pass in 0..<passes {
            // By bytes: two paths that only look alike are two files.
            var named: Set<[UInt8]> = []
            for key in keys {
                try Task.checkCancellation()
                for file in try folder.manifest(ofWindow: key)?.files ?? [] {
                    let path = Array(file.path.utf8)
                    if isOf(pass, path), !named.insert(path).inserted { try body(.shared(path: file.path, window: key)) }
                }
            }
            try folder.forEachFile { name in
                let path = Array(name.utf8)
                if isOf(pass, path), !named.contains(path) { try body(.strange(path: name)) }
            }
        }
    }

    private func isOf(_ pass: Int, _ path: [UInt8]) -> Bool {
        passes == 1 || path.hashValue.magnitude % UInt(passes) == UInt(pass)
    }
}
