import Foundation
import SampleAPI
import TestSupport
import Testing

/// Thirty nights in which rows come late, go, come back and change, with a run after each that looks and exports what differs.
@Suite struct NightsSoakTests {
    private static let nights = 30
    /// A look at whole rows.
    private static let full = ["run", "p.yml", "--refresh", "--look", "full"]

    /// What a seed stands for.
    private struct Schedule: Sendable, CustomStringConvertible {
        let seed: UInt64
        let isBucket: Bool
        let every: String
        let pageSize: Int
        let concurrency: Int
        let keepsRows: Bool
        let filters: [QueryParameter]
        let generation: SampleService.Generation
        let bounds: SampleService.Bounds
        let ordering: SampleService.Ordering
        /// Runs beside each other, each with its share of the windows.
        let shards: Int

        init(seed: UInt64) {
            var random = SeededRandom(seed: seed)
            self.seed = seed
            isBucket = seed.isMultiple(of: 3)
            every = random.pick(["day", "day", "week", "all"])
            pageSize = random.pick([5, 10, 25])
            concurrency = random.pick([1, 4])
            keepsRows = random.below(3) == 0
            filters = random.pick([
                [], [], [.init(name: "include_deleted", value: "true")], [.init(name: "is_marked", value: "false")],
                [.init(name: "has_feedback", value: "true")],
            ])
            generation = random.pick([.new, .new, .old])
            bounds = random.pick([.inclusive, .exclusive])
            ordering = random.pick([.honoured, .honoured, .ignored])
            shards = random.pick([1, 1, 2, 3])
        }

        /// The commands of a night's run.
        func runs(_ arguments: [String]) -> [[String]] {
            shards == 1 ? [arguments] : (0..<shards).map { arguments + ["--shard", "\($0)/\(shards)"] }
        }

        var description: String {
            """
            seed \(seed): \(isBucket ? "bucket" : "folder"), \(every), pages of \(pageSize), \(filters), \(generation), \
            \(shards) shards
            """
        }

        var configuration: SampleService.Configuration {
            var configuration = SampleService.Configuration(generation: generation)
            (configuration.seed, configuration.bounds, configuration.ordering) = (seed, bounds, ordering)
            return configuration
        }

        var pipeline: String {
            """
            version: 1
            name: nights
            window: { from: 2026-03-22, to: 2026-04-09, every: \(every), refresh: [{ every: run, look: lean }] }
            filters: { \(filters.map { "\($0.name): \($0.value)" }.joined(separator: ", ")) }
            fetch: { page_size: \(pageSize), concurrency: \(concurrency) }
            destination: \(isBucket ? "s3://bucket/out" : "out")
            \(keepsRows ? "keep_rows: true" : "")
            outputs:
              - { path: "rows/{window}.ndjson", compression: none }
              - { format: csv, path: "csv/{window}.csv", compression: none }
            """
        }
    }

    @Test("after each of thirty nights of changes, whatever killed its runs, the dataset has the rows that the service has")
    func nights() async throws {
        try await Soak.forEachSeed(Soak.nights) { seed in
            let schedule = Schedule(seed: seed)
            let dataset = SampleDataset(rows: 150, seed: seed)
            try await withSampleService(schedule.configuration, dataset: dataset) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    try folder.write(schedule.pipeline, to: "p.yml")
                    guard schedule.isBucket else {
                        var nights = Nights(schedule, folder, endpoint, service, nil, [:])
                        return try await nights.run()
                    }
                    try await MockStore.with { address, store in
                        let environment = [
                            "AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_ENDPOINT_URL_S3": address,
                        ]
                        var nights = Nights(schedule, folder, endpoint, service, store, environment)
                        try await nights.run()
                    }
                }
            }
        }
    }

    private struct Nights {
        let schedule: Schedule
        let folder: TemporaryFolder
        let endpoint: String
        let service: SampleService
        let store: MockStore?
        let environment: [String: String]
        private var random: SeededRandom
        /// The run that was killed last, until it has been run again.
        private var dead: [String]?
        private var figures = (changes: 0, kills: 0, patched: 0, exported: 0)

        init(
            _ schedule: Schedule, _ folder: TemporaryFolder, _ endpoint: String, _ service: SampleService, _ store: MockStore?,
            _ environment: [String: String]
        ) {
            (self.schedule, self.folder, self.endpoint, self.service) = (schedule, folder, endpoint, service)
            (self.store, self.environment) = (store, environment)
            random = SeededRandom(seed: schedule.seed &+ 1)
        }

        mutating func run() async throws {
            try await finish(["run", "p.yml"], night: 0)
            try check(night: 0, isFull: true)
            for night in 1...NightsSoakTests.nights {
                for _ in 0..<random.below(8) { try change() }
                let isFull = night.isMultiple(of: 10)
                let arguments = isFull ? NightsSoakTests.full : ["run", "p.yml"]
                if random.below(3) == 0 { try await kill(arguments, night: night) }
                try await finish(arguments, night: night)
                try check(night: night, isFull: isFull)
            }
            let looks = String(decoding: try state("looks.json"), as: UTF8.self)
            #expect(looks.firstMatch(of: /"disagreements" : \[\s*\]/) != nil, "\(schedule)")
            try Soak.record([
                "thirty-night schedules": 1, "of these, sharded": schedule.shards > 1 ? 1 : 0,
                "changes to rows": figures.changes,
                "runs killed": figures.kills, "windows patched": figures.patched, "windows exported again": figures.exported,
            ])
        }

        /// Changes a row, in a way that a lean look sees, or only one at whole rows.
        private mutating func change() throws {
            let id = random.pick(try service.matchingIDs([.init(name: "include_deleted", value: "true")]))
            let first: Int64 = 1_774_224_000_000_000
            let fraction = random.below(2) == 0 ? 0 : Int64(random.below(999_999))
            let instant = first + Int64(random.below(14 * 86_400)) * 1_000_000 + fraction
            let text = random.pick(["a", "b", "c"])
            let mutations: [Mutation] = [
                .insert(startedAt: instant), .insert(startedAt: instant - instant % 86_400_000_000),
                .softDelete(id: id), .undelete(id: id), .setMarked(id: id, random.below(2) == 0), .setName(id: id, text),
                .setDevice(id: id, text), .setMetadata(id: id, key: "key_\(text)", value: "\(random.below(3))"),
                .addFeedback(id: id, sentiment: random.pick(["positive", "negative"])), .removeFeedbacks(id: id),
                .changeFeedback(id: id, sentiment: random.pick(["positive", "neutral"])), .editMessage(id: id),
                .setMessageMetadata(id: id, value: "\(random.below(1000))"), .signLinks(seed: UInt64(random.below(1000))),
            ]
            service.mutate(random.pick(mutations))
            figures.changes += 1
        }

        /// Begins a run, and kills it somewhere.
        private mutating func kill(_ arguments: [String], night: Int) async throws {
            let arguments = random.pick(schedule.runs(arguments))
            dead = arguments
            let requests: @Sendable () -> Int = { [service] in service.statistics.requests }
            let first = requests()
            if store == nil, SystemCallFault.isPossible, random.below(3) == 0 {
                let death = Death.systemCall(SystemCallFault(call: "rename", number: 1 + random.below(9), effect: .kill))
                let outcome = try await Command.run(
                    arguments, in: folder, endpoint: endpoint, dying: death, on: nil, requests: requests)
                figures.kills += outcome.status == 137 ? 1 : 0
            } else {
                let number = 1 + random.below(14)
                let outcome = try await Command.run(
                    arguments, in: folder, endpoint: endpoint, key: Sample.key, environment: environment,
                    when: { requests() - first >= number }
                ) { Foundation.kill($0, SIGKILL) }
                figures.kills += outcome.status == 137 ? 1 : 0
            }
            // The lock of a run that died is one of long ago.
            store?.withState { $0.age = 100_000 }
        }

        private mutating func finish(_ arguments: [String], night: Int) async throws {
            let (folder, endpoint, environment) = (folder, endpoint, environment)
            // On a store, a run takes over the lock of one that died alone: locks of runs beside it would look as old. The first
            // shard looks, and the others export what it finds.
            let runs = schedule.runs(arguments)
            let first = runs.filter { $0 == dead && store != nil }
            dead = nil
            for together in [first, Array(runs.prefix(1)), Array(runs.dropFirst())] {
                let outcomes = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                    for run in together {
                        group.addTask {
                            try await Command.run(
                                run, in: folder, endpoint: endpoint, key: Sample.key, environment: environment)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                store?.withState { $0.age = 0 }
                for outcome in outcomes { take(outcome, night: night) }
            }
        }

        private mutating func take(_ outcome: Command.Outcome, night: Int) {
            #expect(outcome.status == 0, "\(schedule), night \(night): \(outcome.testDescription)")
            let words = outcome.errors.firstMatch(of: /(\d+) committed(?: \((\d+) patched\))?, \d+ left alone/)
            figures.exported += words.flatMap { Int($0.1) } ?? 0
            figures.patched += words.flatMap { $0.2 }.flatMap { Int($0) } ?? 0
        }

        private func state(_ name: String) throws -> Data {
            if let store { return store.files(below: "out/_agentsight")[name] ?? Data() }
            return try folder.read("out/_agentsight/\(name)")
        }

        /// Compares the rows with those of the service: all of them, or what they have without transcripts.
        private func check(night: Int, isFull: Bool) throws {
            let files = try store?.files(below: "out/rows") ?? folder.files(below: "out/rows")
            var exported: [String] = []
            for file in files.sorted(by: { $0.key < $1.key }) {
                exported += String(decoding: file.value, as: UTF8.self).split(separator: "\n").map(String.init)
            }
            let ids = try service.matchingIDs(schedule.filters)
            let served = ids.compactMap { service.row(id: $0) }.map { String(decoding: $0, as: UTF8.self) }
            let form = isFull ? Self.withoutSignatures : Self.lean
            let (left, right) = (exported.map(form).sorted(), served.map(form).sorted())
            let words: Comment = "\(schedule), night \(night)"
            #expect(left.count == right.count, words)
            for (left, right) in zip(left, right) where left != right {
                Issue.record("\(left.prefix(400)) is \(right.prefix(400)) at the service: \(words)")
                return
            }
        }

        private static func withoutSignatures(_ row: String) -> String {
            row.replacing(/signature=[0-9a-f]*/, with: "signature=")
        }

        /// What a row has before its transcript, and the numbers of messages and feedbacks.
        private static func lean(_ row: String) -> String {
            guard let transcript = row.firstRange(of: "\"messages\":["), let feedbacks = row.firstRange(of: "\"feedbacks\":[")
            else {
                return row
            }
            let count = row[feedbacks.upperBound...].ranges(of: "\"sentiment\":").count
            return "\(row[..<transcript.lowerBound])\(count)"
        }
    }
}
