import ExportAPI
import ExportCore

/// Walks a window again for its ids alone, one request after the other.
struct LeanWalk {
    let plan: ExportPlan
    let client: ServiceClient
    let reader: PageReader

    enum Outcome {
        /// `repeated`: those that the service lists at more than one time.
        case proved(ids: Set<Int64>, repeated: Set<Int64>)
        case changedDuringCheck
        case givenUp(WalkBudgetExceeded)
    }

    /// - Throws: `ServiceError`, `FilterNotApplied`, `CancellationError`.
    func run(over range: TimeRange) async throws -> Outcome {
        let walk = RangeWalk(over: range, filters: plan.filters, pageSize: plan.fetch.pageSize)
        var window = WindowFetch(walk, keeping: PieceIDs())
        while let request = window.nextRequest() {
            do {
                window.receive(try await fetch(request.query, of: range), for: request)
            } catch let error as ServiceError {
                guard case .tooLarge = error, window.shrinkPages(after: request) else { throw error }
            }
        }
        if let excess = window.walk.excess { return .givenUp(excess) }
        guard let outcome = window.walk.outcome, outcome.isProved else { return .changedDuringCheck }
        var (ids, repeated): (Set<Int64>, Set<Int64>) = ([], [])
        for piece in outcome.pieces {
            for id in window.rows[piece] where !ids.insert(id).inserted { repeated.insert(id) }
        }
        return .proved(ids: ids, repeated: repeated)
    }

    func fetch(_ query: ListQuery, of range: TimeRange) async throws -> ListResponse {
        let request = ServiceRequest(list: query, filters: plan.filters, detail: .lean)
        do {
            return try await client.get(request) { try reader.read($0, to: query, for: range).response }.value
        } catch ServiceError.pageOutOfRange {
            return FetchedPage.outOfRange.response
        }
    }
}

/// The ids of a window's rows, by the pieces of its walk, in memory.
private struct PieceIDs: KeptRows {
    typealias Failure = Never

    private var pieces: [Int: [Int64]] = [:]

    subscript(piece: Int) -> [Int64] { pieces[piece] ?? [] }

    mutating func take(_ page: ListResponse) {}

    mutating func keep(_ rows: [Int], of page: ListResponse, as piece: WalkPiece, countBefore: Int?) {
        pieces[piece.id] = rows.map { page.rows[$0].id }
    }

    mutating func add(_ rows: [Int], of page: ListResponse, to piece: Int) {
        pieces[piece, default: []] += rows.map { page.rows[$0].id }
    }

    mutating func drop(_ piece: Int) { pieces[piece] = nil }
}
