import ArgumentParser
import ExportCore
import Foundation

/// Simulates runs that are too large for a test: `make simulate`. docs/scale.md shows the results.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Simulate",
        abstract: "Simulates walks, pacers and shards against a service with limits and faults, and prints tables.")

    @Option(help: "The seed of rows, latencies and faults; the same seed gives the same tables.")
    var seed: UInt64 = 1

    @Option(help: "Print only this table: \(Self.names).")
    var only: String?

    private static let balance = "balance"
    private static let limiters = "limiters"
    private static let names = (Experiment.all.map(\.name) + [balance, limiters]).joined(separator: ", ")

    func validate() throws {
        if let only, ![Self.balance, Self.limiters].contains(only), !Experiment.all.contains(where: { $0.name == only }) {
            throw ValidationError("there is no table \(only); there are \(Self.names)")
        }
    }

    func run() async throws {
        print("simulate: seed \(seed)")
        var (requests, wrong) = (0, 0)
        for question in Experiment.all where only == nil || only == question.name {
            let outcomes = await outcomes(of: question.scenarios)
            let rows = zip(question.scenarios, outcomes).map { scenario, outcome in
                question.columns.map { $0.value(scenario, outcome) }
            }
            show(question.title, Figures.table(question.columns.map(\.title), rows))
            requests += outcomes.reduce(0) { $0 + $1.requests }
            wrong += outcomes.reduce(0) { $0 + $1.wrong }
        }
        if only == nil || only == Self.balance {
            show(
                "Windows on shards by their ids: the largest shard over the mean",
                Balance.table(ofUnits: [(1, 31), (1, 365), (20, 31), (200, 31), (200, 365)], shards: [4, 8, 16, 32]))
        }
        if only == nil || only == Self.limiters {
            show(LimiterTable.title, LimiterTable.text(await limiterRows()))
        }
        print("\nsimulate: \(Figures.count(requests)) requests; \(wrong) windows with other rows than the service has, or unproved")
        if wrong > 0 { throw ExitCode.failure }
    }

    private func limiterRows() async -> [(kind: LimiterKind, row: LimiterTable.Row)] {
        await withTaskGroup(of: (Int, LimiterTable.Row).self) { group in
            for (place, kind) in LimiterKind.all.enumerated() { group.addTask { (place, LimiterTable.row(kind)) } }
            var rows = [Int: LimiterTable.Row]()
            for await (place, row) in group { rows[place] = row }
            return LimiterKind.all.enumerated().compactMap { place, kind in rows[place].map { (kind, $0) } }
        }
    }

    private func show(_ title: String, _ table: String) {
        print("\n\(title)\n\n\(table)")
    }

    /// The outcomes of all scenarios, in their order. As many scenarios run in parallel as there are processors.
    private func outcomes(of scenarios: [Scenario]) async -> [Outcome] {
        let datasets = Dictionary(grouping: scenarios.indices) { place in
            Rows(count: scenarios[place].rows, agents: scenarios[place].agents, isUneven: scenarios[place].isUneven)
        }.map { rows, places in
            (Dataset(rows: rows.count, agents: rows.agents, isUneven: rows.isUneven, seed: seed), places)
        }
        let work = datasets.flatMap { dataset, places in places.map { (dataset, $0) } }
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Int: Outcome]()
            var next = work.startIndex
            let seed = seed
            while outcomes.count < work.count {
                while next < work.count, next - outcomes.count < ProcessInfo.processInfo.activeProcessorCount {
                    let (dataset, place) = work[next]
                    let scenario = scenarios[place]
                    group.addTask {
                        var simulation = Simulation(scenario, over: dataset, seed: seed)
                        return (place, simulation.run())
                    }
                    next += 1
                }
                if let (place, outcome) = await group.next() { outcomes[place] = outcome }
            }
            return scenarios.indices.compactMap { outcomes[$0] }
        }
    }

    private struct Rows: Hashable {
        let count: Int
        let agents: Int
        let isUneven: Bool
    }
}
