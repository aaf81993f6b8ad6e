public import ExportCore
package import FoundationEssentials

/// The file of limits in a destination.
public struct StoredLimits: Sendable {
    /// The records of the file. Empty if it does not exist or is ignored.
    public var records = LimitRecords()
    /// Why the file is ignored. `nil` if it is not.
    public var problem: Problem?

    /// The reason why the file cannot be used.
    public enum Problem: Sendable, Hashable {
        /// It was changed. The next limit that is found replaces it.
        case damaged
        /// A newer version wrote it, in this format. It stays as it is.
        case newerFormat(Int)
    }

    /// Reads the file.
    /// - Parameters:
    ///   - content: The content of the file. `nil` if there is none.
    ///   - place: The path of the file, for messages.
    package init(_ content: Data?, at place: String) {
        guard let content else { return }
        do throws(StoreError) {
            if let records = try StateFile.value(LimitRecords.self, in: content, at: place) {
                self.records = records
            } else {
                problem = .damaged
            }
        } catch {
            if case .newerFormat(_, let format) = error { problem = .newerFormat(format) } else { problem = .damaged }
        }
    }
}

extension StoredLimits.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged: "it is damaged"
        case .newerFormat(let format): "a newer version of agentsight-export wrote it (format \(format))"
        }
    }
}
