import ExportCore

/// A window under way: its walk, and how many rows were kept of each piece.
struct WindowRun: Sendable {
    /// Among the agent's windows of this shard.
    let place: Int
    private(set) var walk: RangeWalk
    private(set) var requests = 0
    /// `whole` is nil where a piece comes in several pages.
    private var pieces: [Int: (whole: WalkPiece?, rows: Int)] = [:]
    private(set) var rows = 0

    init(place: Int, over range: TimeRange, ordering: OrderingSupport, checkpoint: WalkCheckpoint?) {
        self.place = place
        walk = RangeWalk(over: range, filters: Filters(), pageSize: 100, ordering: ordering, checkpoint: checkpoint)
        for piece in checkpoint?.pieces ?? [] { keep(piece.written, of: piece.id, whole: piece) }
    }

    mutating func nextRequest() -> WalkRequest? { walk.nextRequest() }
    mutating func split() -> WalkRequest? { walk.split() ? walk.nextRequest() : nil }

    mutating func receive(_ response: ListResponse, for request: WalkRequest) {
        requests += 1
        for step in walk.receive(response, for: request) {
            switch step {
            case .keep(let rows, let piece): keep(rows.count, of: piece.id, whole: piece)
            case .add(let rows, let piece): keep(rows.count + (pieces[piece]?.rows ?? 0), of: piece, whole: nil)
            case .drop(let piece): rows -= pieces.removeValue(forKey: piece)?.rows ?? 0
            }
        }
    }

    private mutating func keep(_ count: Int, of piece: Int, whole: WalkPiece?) {
        rows += count - (pieces.updateValue((whole, count), forKey: piece)?.rows ?? 0)
    }

    /// What another run on this machine goes on from.
    var checkpoint: WalkCheckpoint? {
        guard pieces.count > 1, let countBefore = walk.countBefore else { return nil }
        return WalkCheckpoint(pieces: pieces.values.compactMap(\.whole).sorted { $0.id < $1.id }, countBefore: countBefore)
    }
}
