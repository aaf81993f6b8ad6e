public import ExportCore
public import ExportEngine
public import ExportStore

/// The content of a report, taken from manifests, run records and `columns.json`.
public struct ReportContent: Sendable {
    /// The pipeline's name.
    public var pipeline: String
    /// The destination's name.
    public var destination: String
    /// The state of the destination, as `status` shows it.
    public var status: DestinationStatus
    /// Each window, in the order of time.
    public var windows: [ReportWindow]
    /// The runs, the newest first. Runs whose record cannot be read are left out, but counted.
    public var runs: [RunRecord] = []
    /// Run records that could not be read.
    public var unreadableRuns = 0
    /// The discovered columns. `nil` if they cannot be read.
    public var columns: ColumnCatalog?
    /// When the report was made.
    public var madeAt: Instant

    /// The maximum number of runs that are shown.
    private static let maximumRuns = 60

    /// Reads a destination.
    /// - Parameter plan: The declaration, if there is one, which shows missing windows.
    /// - Throws: `StoreError`.
    public init(of destination: any PersistentDestination, plan: ExportPlan?, now: Instant) async throws {
        var windows: [ReportWindow] = []
        let keep = { (status: WindowStatus, manifest: Manifest?) in
            windows.append(ReportWindow(status: status, manifest: manifest?.withoutColumns))
        }
        status =
            if let plan {
                try await DestinationStatus(of: plan, in: destination, each: keep)
            } else {
                try await DestinationStatus(of: destination, each: keep)
            }
        self.windows = windows
        pipeline = plan?.pipeline ?? status.pipeline ?? "an export"
        self.destination = destination.name
        madeAt = now
        do { columns = try await destination.columns() } catch StoreError.unreadableColumns, StoreError.newerFormat {
            columns = nil
        }
        for name in try await destination.runNames().suffix(Self.maximumRuns).reversed() {
            if let run = try await destination.readableRunRecord(named: name) { runs.append(run) } else { unreadableRuns += 1 }
        }
        markLate()
    }

    /// Windows that were committed after one that follows them in time: exported again, or filled in.
    private mutating func markLate() {
        var earliest: (at: Instant, run: String)?
        var agent: String?
        for index in windows.indices.reversed() {
            let own = Window.parts(ofKey: windows[index].key).agent
            if own != agent { (agent, earliest) = (own, nil) }
            guard let manifest = windows[index].manifest else { continue }
            if let earliest, manifest.committedAt > earliest.at, manifest.run != earliest.run { windows[index].isLate = true }
            if earliest.map({ manifest.committedAt < $0.at }) ?? true { earliest = (manifest.committedAt, manifest.run) }
        }
    }
}

/// A window in a report.
public struct ReportWindow: Sendable {
    /// How the window is shown.
    public var status: WindowStatus
    /// The window's manifest, without its columns. `nil` if there is none that can be read.
    public var manifest: Manifest?
    /// Whether it was committed after one that follows it in time.
    public var isLate = false

    /// The window's key.
    public var key: String { status.key }
    /// Conversations that are in the window; 0 without a manifest.
    public var rows: Int { manifest?.proof.distinctIDs ?? 0 }
    /// Bytes of the window's files; 0 without a manifest.
    public var bytes: Int { manifest?.bytes ?? 0 }
}

extension Manifest {
    /// The manifest without the parts that grow with the number of columns, since the manifests of all windows are held in memory.
    fileprivate var withoutColumns: Manifest {
        var manifest = self
        manifest.newKeys = nil
        for index in files.indices { manifest.files[index].columns = nil }
        return manifest
    }
}
