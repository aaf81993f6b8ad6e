import Foundation
import SampleAPI
import Synchronization
import TestSupport

/// An export, a deployment and the changes that its rows go through meanwhile; all of it follows from the seed.
struct MotionSchedule: Sendable, CustomStringConvertible {
    let seed: UInt64
    let configuration: SampleService.Configuration
    let dataset: SampleDataset
    let filter: Filter
    let walk: String
    let every: String
    let concurrency: Int
    let pageSize: Int
    /// A change before every so many answers.
    let changesEvery: Int
    /// The last answer that a change may come before.
    let lastChange: Int
    let hasFaults: Bool

    /// A filter on the very fields that change, as the pipeline file and as the service have it.
    struct Filter: Sendable {
        let yaml: String
        let parameters: [QueryParameter]
        var onlyDeleted = false

        static let all = [
            Filter(yaml: "{}", parameters: []),
            Filter(yaml: "{ is_marked: true }", parameters: [QueryParameter(name: "is_marked", value: "true")]),
            Filter(yaml: "{ is_marked: false }", parameters: [QueryParameter(name: "is_marked", value: "false")]),
            Filter(yaml: "{ device: mobile }", parameters: [QueryParameter(name: "device", value: "mobile")]),
            Filter(yaml: "{ metadata: { status: open } }", parameters: [QueryParameter(name: "metadata", value: "status:open")]),
            Filter(yaml: "{ include_deleted: true }", parameters: [QueryParameter(name: "include_deleted", value: "true")]),
            Filter(
                yaml: "{ only_deleted: true }", parameters: [QueryParameter(name: "include_deleted", value: "true")],
                onlyDeleted: true),
        ]

        /// Whether a row matches now.
        func holds(for id: Int, _ service: SampleService) throws -> Bool {
            try service.matches(id: id, parameters) && !(onlyDeleted && service.matches(id: id, []))
        }

        /// The ids that match now.
        func ids(_ service: SampleService) throws -> Set<Int> {
            let ids = try Set(service.matchingIDs(parameters))
            return onlyDeleted ? ids.subtracting(try service.matchingIDs([])) : ids
        }
    }

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        var configuration = SampleService.Configuration(generation: random.pick([.old, .new]))
        configuration.seed = seed
        configuration.ordering = random.pick([.honoured, .honoured, .ignored])
        configuration.defaultOrder = random.pick([.newestFirst, .id, .random])
        configuration.ties = random.pick([.stable, .random])
        configuration.bounds = random.pick([.inclusive, .exclusive])
        hasFaults = random.below(5) == 0
        if hasFaults {
            configuration.faults = .random(
                seed: seed, probability: 0.05, among: [.status(503, html: true), .resetInBody, .cutJSON, .emptyBody])
        }
        self.configuration = configuration
        dataset = SampleDataset(rows: 250 + random.below(400), seed: seed, tied: random.pick([0, 40, 120]))
        filter = random.pick(Filter.all)
        walk = random.pick(["ranges", "ranges", "ranges", "pages"])
        every = random.pick(["all", "all", "week", "day"])
        concurrency = random.pick([1, 2, 3, 5, 8, 16])
        pageSize = random.pick([7, 15, 30, 100])
        changesEvery = random.pick([1, 2, 3, 5])
        lastChange = random.pick([30, 80, 200, 100_000])
    }

    var description: String {
        """
        seed \(seed): \(walk) of \(every), filters \(filter.yaml), \(configuration.ordering), else \(configuration.defaultOrder), \
        ties \(configuration.ties), bounds \(configuration.bounds), concurrency \(concurrency), pages of \(pageSize), a change every \
        \(changesEvery) answers up to \(lastChange)\(hasFaults ? ", with faults" : "")
        """
    }

    func pipeline(walk: String? = nil) -> String {
        """
        version: 1
        name: motion
        filters: \(filter.yaml)
        window: { from: 2026-03-01, to: 2026-05-01, every: \(every) }
        fetch: { page_size: \(pageSize), concurrency: \(concurrency), walk: \(walk ?? self.walk) }
        destination: out
        outputs: [{ path: "{window}.ndjson", compression: none, columns: [id, started_at, is_deleted] }]
        """
    }

    /// The change before the answer of this number, to one of these rows.
    func change(_ number: Int, to all: [Int]) -> Mutation? {
        guard number > 1, number.isMultiple(of: changesEvery), number <= lastChange else { return nil }
        var random = SeededRandom(seed: seed ^ UInt64(number) << 32)
        guard !all.isEmpty else { return nil }
        let id = random.pick(all)
        switch random.below(7) {
        // 2026-03-23 to 2026-04-06, behind and before the walk.
        case 0: return .insert(startedAt: 1_774_224_000_000_000 + Int64(random.below(14 * 86_400)) * 1_000_000)
        // The import's instant.
        case 1: return .insert(startedAt: 1_774_516_500_000_000)
        case 2: return .softDelete(id: id)
        case 3: return .undelete(id: id)
        case 4: return .setMarked(id: id, random.below(2) == 0)
        case 5: return .setDevice(id: id, random.pick(["mobile", "desktop"]))
        default: return .setMetadata(id: id, key: "status", value: random.pick(["open", "closed"]))
        }
    }
}

/// Which rows matched throughout, and which ever did.
final class MotionWitness: Sendable {
    private struct State {
        var always: Set<Int> = []
        var ever: Set<Int> = []
        /// All rows, whatever they match.
        var all: [Int] = []
        var changes = 0
        var isStill = false
    }

    private let schedule: MotionSchedule
    private let state = Mutex(State())

    init(_ schedule: MotionSchedule) {
        self.schedule = schedule
    }

    func begin(_ service: SampleService) throws {
        let ids = try schedule.filter.ids(service)
        let all = try service.matchingIDs([QueryParameter(name: "include_deleted", value: "true")])
        state.withLock { ($0.always, $0.ever, $0.all) = (ids, ids, all) }
    }

    /// Makes the change that is due, and sees what matches after it.
    func beforeResponse(_ number: Int, _ service: SampleService) {
        state.withLock { state in
            guard !state.isStill, let change = schedule.change(number, to: state.all), let id = service.mutate(change) else {
                return
            }
            if case .insert = change { state.all.append(id) }
            if (try? schedule.filter.holds(for: id, service)) == true { state.ever.insert(id) } else { state.always.remove(id) }
            state.changes += 1
        }
    }

    func end() {
        state.withLock { $0.isStill = true }
    }

    var always: Set<Int> { state.withLock(\.always) }
    var ever: Set<Int> { state.withLock(\.ever) }
    var changes: Int { state.withLock(\.changes) }
}
