import ExportCore
import ExportFormats

/// The differences that a look found in a window, for patching it: the rows that came, went and changed.
struct WindowPatch: Sendable {
    /// The kind of look.
    let look: LookKind
    /// Identifies the rows that were compared.
    let rowsIdentity: String
    /// The rows of the service that are missing or different in the window: their ids, and when they began.
    let served: [Int64: Instant]
    /// The ids of those that are missing in the window.
    let came: Set<Int64>
    /// The ids of rows that are in the window but not at the service.
    let went: Set<Int64>
    /// The number of rows at the service.
    let rows: Int
    let edges: PatchPieces.Edges

    /// Creates a patch from a comparison. `nil` if the window has to be exported whole.
    init?(_ comparison: WindowComparison, _ served: ServedRows, of manifest: Manifest, _ plan: ExportPlan) {
        guard case .fields(let look) = comparison.compared, comparison.differs, comparison.obstacle == nil,
            comparison.fieldsLeftOut.isEmpty, manifest.status == .proved, manifest.digests != nil, manifest.rowsFile != nil,
            plan.fetch.walk == .ranges,
            plan.filters.deletedRows != .only
        else { return nil }
        let differing = Set(comparison.came).union(comparison.changed)
        // An estimate of the ranges to fetch, each of which takes a request.
        guard (differing.count + comparison.went.count) / (1 + PatchPieces.fewRows) <= Self.wholeRequests(served.rows.count, plan)
        else { return nil }
        self.look = look
        rowsIdentity = manifest.rowsIdentity
        came = Set(comparison.came)
        went = Set(comparison.went)
        rows = served.rows.count
        edges = served.edges
        self.served = Dictionary(
            served.rows.lazy.filter { differing.contains($0.digest.id) }.map { ($0.digest.id, $0.startedAt) }
        ) { first, _ in first }
        guard self.served.count == differing.count else { return nil }
    }

    /// The number of requests of an export of the whole window.
    private static func wholeRequests(_ rows: Int, _ plan: ExportPlan) -> Int {
        WindowCounts.requests(forRows: rows, pageSize: plan.fetch.pageSize)
    }

    /// Whether a patch takes no more requests than an export of the whole window, and fetches less than half of its rows.
    func isWorthwhile(_ pieces: PatchPieces, _ plan: ExportPlan) -> Bool {
        pieces.requests(pageSize: plan.fetch.pageSize) <= Self.wholeRequests(rows, plan) && 2 * pieces.fetchedRows < rows
    }
}
