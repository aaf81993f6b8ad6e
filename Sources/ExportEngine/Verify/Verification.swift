import ExportCore
public import ExportStore
import Foundation

/// Checks a destination against its manifests: every byte of every file, and that there is nothing else.
public struct Verification: Sendable {
    private let destination: any ReadableDestination
    private let check: WindowCheck

    /// The numbers of windows, files and rows that were checked.
    public struct Summary: Sendable, Hashable {
        /// Windows that were checked.
        public var windows = 0
        /// Files that were read.
        public var files = 0
        /// Conversations, as the windows were proved.
        public var rows = 0
        /// Rows of each table, by its name.
        public var tableRows: [String: Int] = [:]
        /// Bytes of these files, as they are stored.
        public var bytes = 0
        /// Problems that were reported.
        public var problems = 0

        /// Creates a summary of nothing.
        public init() {}
    }

    /// - Parameter pipeline: The name that the declaration has. Nil where there is none.
    public init(of destination: any ReadableDestination, pipeline: String?) {
        self.destination = destination
        check = WindowCheck(destination: destination, pipeline: pipeline)
    }

    /// Calls `report` with each problem, windows in order, and then what belongs to none.
    ///
    /// Memory holds the names of the windows, and the ids of as many windows as there are processors.
    /// - Throws: `StoreError` where the destination cannot be read or a run writes to it; `CancellationError`.
    public func run(report: (VerifyProblem) throws -> Void) async throws -> Summary {
        try await destination.checkIsIdle()
        var summary = Summary()
        func found(_ problem: VerifyProblem) async throws {
            // A run that began meanwhile explains all.
            try await destination.checkIsIdle()
            summary.problems += 1
            try report(problem)
        }
        let keys = try await destination.windowKeys()
        var spans = SpanCheck()
        var discovered = 0
        var areAllKnown = true
        try await forEachInOrder(keys, width: ProcessInfo.processInfo.activeProcessorCount) { [check] key in
            try await check.check(key)
        } deliver: { result in
            summary.windows += 1
            if result.isNewer { areAllKnown = false }
            for problem in result.problems { try await found(problem) }
            guard let manifest = result.manifest else { return }
            if let other = spans.overlap(with: manifest.window) {
                try await found(VerifyProblem(.overlap(with: other), window: manifest.window.key))
            }
            discovered = max(discovered, manifest.discoveredColumns ?? 0)
            summary.files += manifest.files.count
            summary.rows = summary.rows.addingClamped(manifest.proof.distinctIDs)
            summary.tableRows.add(rows: manifest.tableRows)
            summary.bytes = summary.bytes.addingClamped(manifest.files.map(\.bytes).clampedSum)
        }
        try await FileInventory(of: destination, windowKeys: keys, files: summary.files).run { finding in
            switch finding {
            // It may be one of theirs.
            case .unlisted where !areAllKnown: break
            case .unlisted(let path): try await found(VerifyProblem(.unlisted, path: path))
            case .shared(let path, let window): try await found(VerifyProblem(.shared, window: window, path: path))
            case .unreadable(let path, let reason): try await found(VerifyProblem(.unreadable(reason), path: path))
            }
        }
        try await checkState(discovered, found)
        return summary
    }

    private func checkState(_ discovered: Int, _ found: (VerifyProblem) async throws -> Void) async throws {
        for path in try await destination.unknownStateFiles() { try await found(VerifyProblem(.leftover, path: path)) }
        do {
            let columns = try await destination.columns().columns.count
            if columns < discovered {
                try await found(VerifyProblem(.lostColumns(columns, discovered: discovered), path: destination.catalogName))
            }
        } catch StoreError.unreadableColumns {
            try await found(VerifyProblem(.unreadableColumns, path: destination.catalogName))
        } catch StoreError.newerFormat(_, let format) {
            try await found(VerifyProblem(.newer(format: format), path: destination.catalogName))
        } catch let error as StoreError where error.isSingleFile {
            try await found(VerifyProblem(.unreadable(error), path: destination.catalogName))
        }
        for name in try await destination.runNames() {
            do {
                guard try await destination.runRecord(named: name)?.run != name else { continue }
                try await found(VerifyProblem(.unreadableRun, path: destination.runRecordName(name)))
            } catch StoreError.newerFormat(_, let format) {
                try await found(VerifyProblem(.newer(format: format), path: destination.runRecordName(name)))
            }
        }
    }
}

/// Finds windows of one agent that overlap, of windows that come in the order of their keys. That is the order of time, where nothing is
/// wrong.
private struct SpanCheck {
    private var latest: Manifest.Span?

    /// The key of an earlier window that this one overlaps.
    mutating func overlap(with span: Manifest.Span) -> String? {
        let agent = Window.parts(ofKey: span.key).agent
        if let latest, Window.parts(ofKey: latest.key).agent != agent { self.latest = nil }
        defer { if latest.map({ $0.end < span.end }) ?? true { latest = span } }
        guard let latest, span.start.map({ $0 < latest.end }) ?? true else { return nil }
        return latest.key
    }
}
