import ExportAPI
import ExportCore

/// Walks a window again for its ids alone, one request after the other.
struct LeanWalk {
    let plan: ExportPlan
    let client: ServiceClient
    let reader: PageReader

    struct Outcome {
        let ids: Set<Int64>
        let isProved: Bool
    }

    /// - Throws: `ServiceError`, `DishonouredRequest`, `CancellationError`.
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
            } catch ServiceError.tooLarge(let limit) {
                guard let steps = walk.shrinkPages(after: request) else { throw ServiceError.tooLarge(limit: limit) }
                take(steps, [])
            }
        }
        guard let outcome = walk.outcome else { return Outcome(ids: [], isProved: false) }
        return Outcome(ids: Set(outcome.pieces.flatMap { pieces[$0] ?? [] }), isProved: outcome.isProved)
    }

    func fetch(_ query: ListQuery, of range: TimeRange) async throws -> ListAnswer {
        let request = ServiceRequest(list: query, filters: plan.filters, detail: .lean)
        do {
            return try await client.get(request) { try reader.read($0, to: query, for: range).answer }.value
        } catch ServiceError.pageOutOfRange {
            return FetchedPage.outOfRange.answer
        }
    }
}
