import ExportCore

/// Walks a window against a simulated server, with requests in flight side by side and answered in random order.
struct WalkSimulation {
    var server: SimulatedServer
    var concurrency = 4
    /// Done before every answer, with the number of answers so far.
    var mutation: (inout SimulatedServer, Int) -> Void = { _, _ in }
    /// Pages with more rows are too large.
    var largestAnswer = Int.max
    /// Stops a walk that does not end.
    var limit = 20_000

    struct Result {
        /// In the order in which they would be written.
        var ids: [Int64]
        var outcome: WalkOutcome
        var requests: Int
        var largestFlight: Int
    }

    struct Endless: Error {}

    mutating func run(_ start: some WindowWalk) throws -> Result {
        var walk = start
        var flight: [WalkRequest] = []
        var kept: [Int: [RowKey]] = [:]
        var (requests, largest) = (0, 0)
        while walk.outcome == nil {
            while flight.count < concurrency {
                if let request = walk.nextRequest() { flight.append(request) } else if !walk.split() { break }
            }
            largest = max(largest, flight.count)
            guard !flight.isEmpty, requests < limit else { throw Endless() }
            let request = flight.remove(at: Int.random(in: 0..<flight.count, using: &server.random))
            mutation(&server, requests)
            let answer = server.answer(request.query)
            requests += 1
            if answer.rows.count > largestAnswer {
                guard let steps = walk.shrinkPages(after: request) else { throw Endless() }
                for case .drop(let piece) in steps { kept[piece] = nil }
                continue
            }
            for step in walk.receive(answer, for: request) {
                switch step {
                case .keep(let rows, let piece): kept[piece] = rows.map { answer.rows[$0] }
                case .add(let rows, let piece): kept[piece, default: []] += rows.map { answer.rows[$0] }
                case .drop(let piece): kept[piece] = nil
                }
            }
        }
        guard let outcome = walk.outcome else { throw Endless() }
        let ids = outcome.pieces.flatMap { (kept[$0] ?? []).sorted() }.map(\.id)
        return Result(ids: ids, outcome: outcome, requests: requests, largestFlight: largest)
    }
}

/// What is missing, too much or out of order, in a few words.
func difference(_ ids: [Int64], _ expected: [Int64]) -> String {
    let (missing, extra) = (Set(expected).subtracting(ids), Set(ids).subtracting(expected))
    if ids == expected { return "" }
    return "\(missing.count) of \(expected.count) missing, \(extra.count) extra, \(ids.count - Set(ids).count) repeated"
}
