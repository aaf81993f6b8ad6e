import ExportAPI
import ExportCore
import ExportFormats
import Synchronization

/// Walks windows again for the digests of its rows, one request after the other.
struct DigestWalk: Sendable {
    let plan: ExportPlan
    let client: ServiceClient
    /// Whether rows are asked for with their transcripts.
    let detail: Source.Detail
    /// A digester that has seen no row yet.
    let digester: RowDigester
    /// The support of lists without pages, as far as it is known.
    let lists: LearntLists
    private let reader: PageReader

    enum Outcome {
        /// The rows of each range. `repeated`: ids that the service lists at more than one time.
        case proved([ServedRows], repeated: Set<Int64>)
        case changedMeanwhile
        case givenUp(WalkBudgetExceeded)
    }

    /// - Parameters:
    ///   - coverage: What is compared. Nil: ids alone are.
    ///   - collectsOthers: Whether the other keys are collected.
    init(
        of plan: ExportPlan, from client: ServiceClient, detail: Source.Detail, comparing coverage: DigestCoverage?,
        collectsOthers: Bool, lists: LearntLists
    ) {
        self.plan = plan
        self.lists = lists
        self.client = client
        self.detail = detail
        digester = coverage?.digester(collectsUncovered: collectsOthers) ?? RowDigester(covering: [])
        reader = PageReader(filters: plan.filters, detail: detail == .full ? .full : nil, discoveries: [])
    }

    /// - Parameter ranges: Adjacent, in the order of time: they are walked as one.
    /// - Throws: `ServiceError`, `FilterNotApplied`, `CancellationError`.
    func run(over ranges: [TimeRange]) async throws -> Outcome {
        guard let first = ranges.first else { return .proved([], repeated: []) }
        let range = ranges.reduce(first) { $0.union($1) }
        var window = WindowFetch(walk(over: range), keeping: PieceDigests())
        defer { lists.learn(window.walk.lists, of: plan.source.endpoint) }
        while let request = window.nextRequest() {
            do {
                window.receive(try await fetch(request.query, of: range), for: request)
            } catch let error as ServiceError {
                guard error.asksForLess(than: request.query), window.shrinkPages(after: request) else { throw error }
            }
        }
        if let excess = window.walk.excess { return .givenUp(excess) }
        guard let outcome = window.walk.outcome, outcome.isProved else { return .changedMeanwhile }
        let rows = outcome.pieces.flatMap { window.rows[$0] }
        // Rows beside the ranges, that the service counts in.
        let (hasRowsBeside, uncovered) = (window.rows.hasRowsBeside, window.rows.uncovered)
        let served = ranges.enumerated().map { place, range in
            let own = rows.filter { range.contains($0.startedAt) }
            func isFree(_ instant: Instant, _ isOuter: Bool) -> Bool {
                isOuter ? !hasRowsBeside : !rows.contains { $0.startedAt == instant }
            }
            let edges = PatchPieces.Edges(
                isStartFree: range.start.map { isFree($0.earlier(by: 1), place == 0) } ?? true,
                isEndFree: isFree(range.end, place == ranges.count - 1))
            return ServedRows(
                digests: WindowDigests(keys: digester.coveredKeys, rows: own.map(\.digest)), rows: own, edges: edges,
                uncovered: uncovered)
        }
        var repeated: Set<Int64> = []
        var seen: Set<Int64> = []
        for row in rows where !seen.insert(row.digest.id).inserted { repeated.insert(row.digest.id) }
        return .proved(served, repeated: repeated)
    }

    private func walk(over range: TimeRange) -> any WindowWalk {
        guard let limit = plan.fetch.unpaginated.limit(detail), lists.of(plan.source.endpoint) != .ignored else {
            return RangeWalk(over: range, filters: plan.filters, pageSize: plan.fetch.pageSize)
        }
        return ListWalk(
            over: range, filters: plan.filters, pageSize: plan.fetch.pageSize, limit: limit,
            lists: lists.of(plan.source.endpoint))
    }

    private func fetch(_ query: ListQuery, of range: TimeRange) async throws -> DigestPage {
        let request = ServiceRequest(list: query, filters: plan.filters, detail: query.isCount ? .lean : detail)
        do {
            return try await client.get(request) { response in
                let page = try reader.read(response, to: query, for: range)
                return try DigestPage(page, digester)
            }.value
        } catch ServiceError.pageOutOfRange {
            return DigestPage(response: FetchedPage.outOfRange.response, digests: [])
        } catch ServiceError.requestRefused where query.isUnpaginated {
            return DigestPage(response: FetchedPage.noList.response, digests: [])
        }
    }
}

/// The rows of a window that the service has, as far as a look compares them.
struct ServedRows: Sendable {
    let digests: WindowDigests
    /// In the order of the walk.
    let rows: [Row]
    /// Whether rows stand beside the window that the service may count in.
    let edges: PatchPieces.Edges
    /// Top-level keys of rows of the walk that are not compared. Empty where these were not collected.
    let uncovered: Set<String>

    struct Row {
        let startedAt: Instant
        let digest: RowDigest
    }
}

/// The support of lists without pages that a run has found, by endpoint.
final class LearntLists: Sendable {
    private let known = Mutex<[String: ListSupport]>([:])

    func of(_ endpoint: String) -> ListSupport { known.withLock { $0[endpoint] ?? .unknown } }

    /// A deployment that once answered with a page is not asked for a list again.
    func learn(_ support: ListSupport, of endpoint: String) {
        guard support != .unknown else { return }
        known.withLock { if $0[endpoint] != .ignored { $0[endpoint] = support } }
    }
}

extension ServiceError {
    /// Whether fewer rows may come where this many did not: the answer was too large, or a list without pages failed.
    func asksForLess(than query: ListQuery) -> Bool {
        switch self {
        case .tooLarge: true
        case .unavailable, .unusable: query.isUnpaginated
        default: false
        }
    }
}

/// A page of which the digests of its rows are kept.
private struct DigestPage: WalkPage {
    let response: ListResponse
    /// In the order of the answer. None where the page was asked for its count.
    let digests: [RowDigest]
    /// Top-level keys that these do not cover.
    let uncovered: Set<String>

    init(response: ListResponse, digests: [RowDigest]) {
        self.response = response
        self.digests = digests
        uncovered = []
    }

    init(_ page: FetchedPage, _ digester: RowDigester) throws {
        var digester = digester
        response = page.response
        digests = try page.ends.indices.map { row in
            guard let digest = digester.add(page.rows.span.extracting(page.extent(ofRow: row).dropLast())) else {
                throw EncodingError.noID
            }
            return digest
        }
        uncovered = digester.uncoveredKeys
    }
}

/// The digests of rows and when these began, by the pieces of their walk, in memory.
private struct PieceDigests: KeptRows {
    typealias Failure = Never
    typealias Row = ServedRows.Row

    private var pieces: [Int: [Row]] = [:]
    /// Rows of each piece that the service counts and the windows do not have.
    private var beside: [Int: Int] = [:]
    /// Top-level keys of the rows that their digests do not cover.
    private(set) var uncovered: Set<String> = []

    var hasRowsBeside: Bool { beside.values.contains { $0 != 0 } }

    subscript(piece: Int) -> [Row] { pieces[piece] ?? [] }

    private func row(_ row: Int, of page: DigestPage) -> Row {
        Row(startedAt: page.response.rows[row].startedAt, digest: page.digests[row])
    }

    mutating func take(_ page: DigestPage) {}

    mutating func keep(_ rows: [Int], of page: DigestPage, as piece: WalkPiece, countBefore: Int?) {
        pieces[piece.id] = rows.map { row($0, of: page) }
        uncovered.formUnion(page.uncovered)
        beside[piece.id] = piece.seen - piece.written
    }

    mutating func add(_ rows: [Int], of page: DigestPage, to piece: Int) {
        pieces[piece, default: []] += rows.map { row($0, of: page) }
        uncovered.formUnion(page.uncovered)
    }

    mutating func drop(_ piece: Int) {
        pieces[piece] = nil
        beside[piece] = nil
    }
}
