import ExportCore
import ExportFormats

/// The differences that a look found in a window, from which it is patched: the rows that came, went and changed.
struct WindowPatch: Sendable {
    /// The kind of look.
    let look: LookKind
    /// Stands for the rows that were compared.
    let rowsIdentity: String
    /// Ids of rows that the service has, and the window has not or has otherwise, and when they began.
    let served: [Int64: Instant]
    /// Those of them that the window has not.
    let came: Set<Int64>
    /// Ids of rows that the window has, and the service has not.
    let went: Set<Int64>
    /// Rows that the service has.
    let rows: Int
    let edges: PatchPieces.Edges

    /// Nil where the window has to be exported whole.
    init?(_ comparison: WindowComparison, _ served: ServedRows, of manifest: Manifest, _ plan: ExportPlan) {
        guard case .fields(let look) = comparison.compared, comparison.differs, comparison.obstacle == nil,
            manifest.status == .proved, manifest.digests != nil, manifest.rowsFile != nil, plan.fetch.walk == .ranges,
            plan.filters.deletedRows != .only
        else { return nil }
        let differing = Set(comparison.came).union(comparison.changed)
        // As many ranges as these are fetched, or fewer: a request each.
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

    /// The requests of an export of the whole window.
    private static func wholeRequests(_ rows: Int, _ plan: ExportPlan) -> Int {
        WindowCounts.requests(forRows: rows, pageSize: plan.fetch.pageSize)
    }

    /// Whether a patch takes no more requests than an export of the whole window, and brings fewer rows.
    func isWorthwhile(_ pieces: PatchPieces, _ plan: ExportPlan) -> Bool {
        pieces.requests(pageSize: plan.fetch.pageSize) <= Self.wholeRequests(rows, plan) && 2 * pieces.fetchedRows < rows
    }
}
