public import ExportCore
public import ExportEngine
public import ExportStore

/// What a report says of an export: all of it comes from manifests, run records and `columns.json`.
public struct ReportContent: Sendable {
    public var pipeline: String
    public var destination: String
    public var status: DestinationStatus
    public var windows: [ReportWindow] = []
    /// The newest first. Those whose record cannot be read are left out, and counted.
    public var runs: [RunRecord] = []
    public var unreadableRuns = 0
    public var columns = ColumnCatalog()
    public var madeAt: Instant

    /// Reads a destination.
    /// - Parameters:
    ///   - plan: Where there is a declaration, windows that are missing are known, too.
    ///   - most: Runs that are shown.
    /// - Throws: `StoreError`.
    public init(of destination: any LastingDestination, plan: ExportPlan?, runs most: Int = 60, now: Instant) async throws {
        status =
            if let plan { try await DestinationStatus(of: plan, in: destination) } else {
                try await DestinationStatus(of: destination)
            }
        pipeline = plan?.pipeline ?? status.pipeline ?? "an export"
        self.destination = destination.name
        madeAt = now
        columns = try await destination.columns()
        if let plan {
            let fingerprint = try plan.fingerprint
            try await forEachInOrder(plan.windows, width: ExportRun.lookingWidth) { window in
                (window, try await destination.standing(of: window))
            } deliver: { window, standing in
                let state = WindowState(
                    of: window, standing: standing, fingerprint: fingerprint, windowing: plan.windowing, isForced: false)
                windows.append(ReportWindow(state, standing))
            }
        } else {
            try await forEachInOrder(destination.windowKeys(), width: ExportRun.lookingWidth) { key in
                (key, try await destination.manifest(ofWindow: key))
            } deliver: { key, manifest in
                windows.append(ReportWindow(key, manifest))
            }
        }
        markLate()
        for name in try await destination.runNames().suffix(most).reversed() {
            if let run = try await destination.runRecord(named: name) { runs.append(run) } else { unreadableRuns += 1 }
        }
    }

    /// Windows that were committed after one that follows them in time: exported again, or filled in.
    private mutating func markLate() {
        var earliest: (at: Instant, run: String)?
        for index in windows.indices.reversed() {
            guard let manifest = windows[index].manifest else { continue }
            if let earliest, manifest.committedAt > earliest.at, manifest.run != earliest.run { windows[index].isLate = true }
            if earliest.map({ manifest.committedAt < $0.at }) ?? true { earliest = (manifest.committedAt, manifest.run) }
        }
    }
}

/// A window in a report.
public struct ReportWindow: Sendable {
    public enum Standing: String, Sendable, CaseIterable {
        case proved, unsettled, again, missing, unreadable
    }

    public var key: String
    public var standing: Standing
    /// Why it is due, where a declaration says that it is.
    public var reason: String?
    public var manifest: Manifest?
    /// Whether it was committed after one that follows it in time.
    public var isLate = false

    init(_ state: WindowState, _ found: WindowState.Standing) {
        key = state.window.key
        reason = state.isToBeExported ? state.reason : nil
        if case .manifest(let manifest, _) = found { self.manifest = manifest }
        standing =
            switch (state.state, found) {
            case (_, .unreadable): .unreadable
            case (.committed, _): .proved
            case (.unsettled, _): .unsettled
            case (.again, _): .again
            case (.due, .nothing): .missing
            case (.due, _): .again
            }
    }

    init(_ key: String, _ manifest: Manifest?) {
        self.key = key
        self.manifest = manifest
        standing = manifest.map { $0.status == .proved ? .proved : .unsettled } ?? .unreadable
    }

    public var rows: Int { manifest?.proof.distinctIDs ?? 0 }
    public var bytes: Int { manifest?.files.reduce(0) { $0 + $1.bytes } ?? 0 }

    /// What windows are grouped by in a calendar: the day of an hour, the month of a day, the year of a week or a month.
    public var group: String {
        switch WindowLength(ofKey: key) {
        case .hour: String(key.prefix(10))
        case .day: String(key.prefix(7))
        case .week, .month: String(key.prefix(4))
        default: ""
        }
    }
}
