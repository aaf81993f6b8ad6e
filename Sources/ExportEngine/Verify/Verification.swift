import ExportCore
public import ExportStore
import Foundation

/// Checks a destination against its manifests: every byte of every file, and that there is nothing else.
public struct Verification: Sendable {
    private let folder: FolderDestination
    private let check: WindowCheck

    /// What was looked at.
    public struct Summary: Sendable, Hashable {
        public var windows = 0
        public var files = 0
        /// Conversations, as the windows were proved.
        public var rows = 0
        public var bytes = 0
        public var problems = 0

        public init() {}
    }

    /// - Parameter pipeline: The name that the declaration has. Nil where there is none.
    public init(of folder: FolderDestination, pipeline: String?) {
        self.folder = folder
        check = WindowCheck(folder: folder, pipeline: pipeline)
    }

    /// Calls `report` with each problem, windows in order, and then what belongs to none.
    ///
    /// Memory holds the names of the windows, and the ids of as many windows as there are processors.
    /// - Throws: `StoreError` where the file system fails or a run writes to the destination; `CancellationError`.
    public func run(report: (VerifyProblem) throws -> Void) async throws -> Summary {
        try folder.checkIsAtRest()
        var summary = Summary()
        func found(_ problem: VerifyProblem) throws {
            // A run that began meanwhile explains all.
            try folder.checkIsAtRest()
            summary.problems += 1
            try report(problem)
        }
        let keys = try folder.windowKeys()
        var spans = SpanCheck()
        var discovered = 0
        try await forEachInOrder(keys, width: ProcessInfo.processInfo.activeProcessorCount) { [check] key in
            try check.check(key)
        } deliver: { result in
            summary.windows += 1
            try result.problems.forEach(found)
            guard let manifest = result.manifest else { return }
            if let other = spans.overlap(with: manifest.window) {
                try found(VerifyProblem(.overlap(with: other), window: manifest.window.key))
            }
            discovered = max(discovered, manifest.discoveredColumns ?? 0)
            summary.files += manifest.files.count
            summary.rows += manifest.proof.distinctIDs
            summary.bytes += manifest.files.reduce(0) { $0 + $1.bytes }
        }
        try FileCensus(of: folder, windowKeys: keys, files: summary.files).run { finding in
            switch finding {
            case .strange(let path): try found(VerifyProblem(.strange, path: path))
            case .shared(let path, let window): try found(VerifyProblem(.shared, window: window, path: path))
            }
        }
        try checkState(discovered, found)
        return summary
    }

    private func checkState(_ discovered: Int, _ found: (VerifyProblem) throws -> Void) throws {
        for path in try folder.strangeState() { try found(VerifyProblem(.leftover, path: path)) }
        do {
            let columns = try folder.columns().columns.count
            if columns < discovered {
                try found(VerifyProblem(.lostColumns(columns, discovered: discovered), path: folder.catalogName))
            }
        } catch StoreError.unreadableColumns {
            try found(VerifyProblem(.unreadableColumns, path: folder.catalogName))
        }
        for name in try folder.runNames() where try folder.runRecord(named: name)?.run != name {
            try found(VerifyProblem(.unreadableRun, path: folder.runRecordName(name)))
        }
    }
}

/// Finds windows that overlap, of windows that come in the order of their keys. That is the order of time, where nothing is wrong.
private struct SpanCheck {
    private var latest: Manifest.Span?

    /// The key of an earlier window that this one overlaps.
    mutating func overlap(with span: Manifest.Span) -> String? {
        defer { if latest.map({ $0.end < span.end }) ?? true { latest = span } }
        guard let latest, span.start.map({ $0 < latest.end }) ?? true else { return nil }
        return latest.key
    }
}
