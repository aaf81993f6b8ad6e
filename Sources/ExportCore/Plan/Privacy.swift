/// The fields that an output does not write, or writes only as hashes.
///
/// Paths are keys from the row inwards, and apply to every element of a list: `["messages", "content"]` is the content of every message.
public struct Privacy: Sendable, Hashable {
    /// Paths whose members are left out.
    public var exclude: [[String]]
    /// Paths whose values are written as HMAC-SHA-256, in hexadecimal digits.
    public var hash: [[String]]
    /// The key of the hashes. `nil` if it was not read.
    public var key: HashKey?

    /// A privacy that changes nothing.
    public static let none = Privacy()

    /// Creates the privacy of an output.
    public init(exclude: [[String]] = [], hash: [[String]] = [], key: HashKey? = nil) {
        self.exclude = exclude
        self.hash = hash
        self.key = key
    }

    /// Whether some value is excluded or hashed.
    public var changesRows: Bool { !exclude.isEmpty || !hash.isEmpty }

    /// Whether a path is excluded, or below an excluded one.
    package func excludes(_ path: [String]) -> Bool { exclude.contains { Self.isPrefix($0, of: path) } }

    /// Whether the value at a path is written as a hash.
    package func hashes(_ path: [String]) -> Bool { hash.contains { $0.count == path.count && Self.isPrefix($0, of: path) } }

    /// Whether a path no longer exists in the output: it is excluded, or part of a value that is hashed as a whole.
    package func removes(_ path: [String]) -> Bool {
        excludes(path) || hash.contains { $0.count < path.count && Self.isPrefix($0, of: path) }
    }

    /// Whether a path begins with another one, compared by bytes like the keys of rows.
    package static func isPrefix(_ prefix: [String], of path: [String]) -> Bool {
        prefix.count <= path.count && zip(prefix, path).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}

extension Output {
    /// Whether the value at a path of a row is written unchanged, alone or as a part of another value.
    package func writes(_ path: [String]) -> Bool {
        guard !privacy.removes(path), !privacy.hashes(path) else { return false }
        return columns?.contains { selector in
            switch selector {
            case .column(let column): Privacy.isPrefix(column.path, of: path) || Privacy.isPrefix(path, of: column.path)
            case .every(let parent): Privacy.isPrefix(parent, of: path) || Privacy.isPrefix(path, of: parent)
            case .agent: false
            // The rest holds all fields that are not known.
            case .rest: true
            }
        } ?? true
    }
}
