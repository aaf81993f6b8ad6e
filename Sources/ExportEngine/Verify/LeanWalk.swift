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
        var walk = RangeWalk(over: range, filters: plan.filters, pageSize: plan.fetch.pageSize)
        var pieces: [Int: [Int64]] = [:]
        func take(_ steps: [WalkStep], _ rows: [RowKey]) {
            for step in steps {
                switch step {
                case .keep(let places, let piece): pieces[piece.id] = places.map { rows[$0].id }
                case .add(let places, let piece): pieces[piece, default: []] += places.map { rows[$0].id }
                case .drop(let piece): pieces[piece] = nil
                }
            }
        }
        while let request = walk.nextRequest() {
            do {
                let page = try await fetch(request.query, of: range)
                take(walk.receive(page, for: request), page.rows)
            } catch let error as ServiceError {
                guard case .tooLarge = error, let steps = walk.shrinkPages(after: request) else { throw error }
                take(steps, [])
            }
        }
        if let excess = walk.excess { return .givenUp(excess) }
        guard let outcome = walk.outcome, outcome.isProved else { return .changedDuringCheck }
        var (ids, repeated): (Set<Int64>, Set<Int64>) = ([], [])
        for piece in outcome.pieces {
            for id in pieces[piece] ?? [] where !ids.insert(id).inserted { repeated.insert(id) }
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
