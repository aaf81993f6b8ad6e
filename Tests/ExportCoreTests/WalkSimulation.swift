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
    /// After so many answers the walk is interrupted, and another one goes on from what it had come to.
    var interruption = Int.max

    struct Result {
        /// In the order in which they would be written.
        var ids: [Int64]
        var outcome: WalkOutcome
        var requests: Int
        var largestFlight: Int
        /// Pieces that the second walk took over.
        var takenOver = 0
    }

    struct Endless: Error {}

    mutating func run(_ start: some WindowWalk, resuming: (WalkCheckpoint?) -> any WindowWalk = { _ in preconditionFailure() })
        throws
        -> Result
    {
        var walk: any WindowWalk = start
        var checkpoint: [Int: WalkPiece] = [:]
        var takenOver = 0
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
            let response = server.response(request.query)
            requests += 1
            if response.rows.count > largestAnswer {
                guard let steps = walk.shrinkPages(after: request) else { throw Endless() }
                for case .drop(let piece) in steps { (kept[piece], checkpoint[piece]) = (nil, nil) }
                continue
            }
            for step in walk.receive(response, for: request) {
                switch step {
                case .keep(let rows, let piece):
                    kept[piece.id] = rows.map { response.rows[$0] }
                    checkpoint[piece.id] = piece
                case .add(let rows, let piece): kept[piece, default: []] += rows.map { response.rows[$0] }
                case .drop(let piece): (kept[piece], checkpoint[piece]) = (nil, nil)
                }
            }
            if requests == interruption, walk.outcome == nil {
                flight = []
                kept = kept.filter { checkpoint[$0.key] != nil }
                takenOver = checkpoint.count
                walk = resuming(
                    walk.countBefore.flatMap { count in
                        checkpoint.isEmpty
                            ? nil : WalkCheckpoint(pieces: checkpoint.values.shuffled(using: &server.random), countBefore: count)
                    })
            }
        }
        guard let outcome = walk.outcome else { throw Endless() }
        let ids = outcome.pieces.flatMap { (kept[$0] ?? []).sorted() }.map(\.id)
        return Result(ids: ids, outcome: outcome, requests: requests, largestFlight: largest, takenOver: takenOver)
    }
}

/// What is missing, too much or out of order, in a few words.
func difference(_ ids: [Int64], _ expected: [Int64]) -> String {
    let (missing, extra) = (Set(expected).subtracting(ids), Set(ids).subtracting(expected))
    if ids == expected { return "" }
    return "\(missing.count) of \(expected.count) missing, \(extra.count) extra, \(ids.count - Set(ids).count) repeated"
}
