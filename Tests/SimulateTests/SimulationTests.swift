import ExportCore
import Testing

@testable import Simulate

@Suite("The simulation of runs that are larger than what can be tried")
struct SimulationTests {
    private static let rows = 20_000

    private static func scenario(_ change: (inout Scenario) -> Void) -> Scenario {
        var scenario = Scenario()
        (scenario.rows, scenario.agents, scenario.every) = (rows, 5, .week)
        (scenario.failures, scenario.slowKeys) = (0.05, 0.25)
        change(&scenario)
        return scenario
    }

    private static let scenarios = [
        scenario { _ in },
        scenario { $0.every = .month },
        scenario { $0.shards = 3 },
        scenario {
            $0.shards = 3
            $0.rate = .shared
            $0.countsBySecond = true
        },
        scenario {
            $0.shards = 2
            $0.death = .sameMachine
        },
        scenario {
            $0.shards = 2
            $0.death = .otherMachine
        },
    ]

    @Test("under limits, faults and death every row is committed once, and a page brings no more than 100", arguments: scenarios)
    func everyRow(_ scenario: Scenario) {
        let dataset = Dataset(rows: scenario.rows, agents: scenario.agents, seed: 1)
        var simulation = Simulation(scenario, over: dataset, seed: 1)
        let outcome = simulation.run()
        #expect(dataset.rows == Self.rows)
        #expect(outcome.rows == Self.rows && outcome.committedRows.reduce(0, +) == Self.rows)
        #expect(outcome.wrong == 0 && outcome.failed == 0 && outcome.leftOut == 0)
        #expect(outcome.committed == scenario.agents * Calendar.windows(every: scenario.every).count)
        #expect(outcome.requests - outcome.repeats - outcome.throttled >= Self.rows / 100)
        #expect(outcome.repeats > 0)
        #expect((outcome.begunAgain > 0) == (scenario.death != nil))
    }

    @Test(
        "where latency alone bounds a run, its slots are busy from the first request to the last",
        arguments: Experiment.latency.scenarios)
    func latency(_ scenario: Scenario) {
        let dataset = Dataset(rows: scenario.rows, agents: 1, isUneven: true, seed: 1)
        var simulation = Simulation(scenario, over: dataset, seed: 1)
        let outcome = simulation.run()
        #expect(outcome.rows == scenario.rows && outcome.throttled == 0)
        #expect(outcome.fetched <= outcome.ideal(concurrency: scenario.concurrency) * 1.15)
    }

    @Test("what is spooled on a machine need not be fetched again there")
    func spools() {
        let dataset = Dataset(rows: Self.rows, agents: 2, seed: 1)
        let lost = [Scenario.Death.sameMachine, .otherMachine].map { death in
            var simulation = Simulation(
                Self.scenario {
                    $0.agents = 2
                    $0.every = .month
                    $0.death = death
                }, over: dataset, seed: 1)
            return simulation.run().requestsLost
        }
        #expect(lost[0] < lost[1])
    }

    @Test("a key whose requests are refused leaves the others alone")
    func refusedKeys() {
        let scenario = Self.scenario { $0.agents = 130 }
        let dataset = Dataset(rows: scenario.rows, agents: scenario.agents, seed: 1)
        var simulation = Simulation(scenario, over: dataset, seed: 1)
        let outcome = simulation.run()
        #expect(outcome.leftOut > 0 && outcome.leftOut <= 2 * Calendar.windows(every: scenario.every).count)
        #expect(outcome.committed + outcome.leftOut == 130 * Calendar.windows(every: scenario.every).count)
    }

    @Test("a free slot is for who has the fewest in flight, and of those for who waits longest")
    func slots() {
        var slots = FairQueue<String>(2)
        let atOnce = [slots.acquire(0, for: "a"), slots.acquire(0, for: "b")]
        #expect(atOnce == [true, true])
        for (agent, request) in [(0, "c"), (2, "d"), (1, "e"), (2, "f")] {
            let isGiven = slots.acquire(agent, for: request)
            #expect(!isGiven)
        }
        let order = [slots.release(0), slots.release(2), slots.release(0), slots.release(1), slots.release(0), slots.release(2)]
        #expect(order == ["d", "e", "c", "f", nil, nil])
    }

    @Test("the same seed gives the same rows, another seed others")
    func seeds() {
        let datasets = ([1, 1, 2] as [UInt64]).map { Dataset(rows: 1000, agents: 3, seed: $0) }
        #expect(datasets[0].agents == datasets[1].agents)
        #expect(datasets[0].agents != datasets[2].agents)
    }

    @Test(
        "no more is admitted in a period than the limit, and whoever waits as long as was said is admitted",
        arguments: [false, true])
    func limit(_ bySecond: Bool) throws {
        let start = ContinuousClock.now
        var limit = KeyLimit(perMinute: 120, bySecond: bySecond, now: start, offset: 0)
        let largest = bySecond ? 2 : 120
        let first = (0..<largest).map { _ in limit.admit(at: start) }
        #expect(first.allSatisfy { $0 == nil })
        let refused = limit.admit(at: start + .milliseconds(1))
        let pause = try #require(refused)
        let admitted = limit.admit(at: start + .milliseconds(1) + pause)
        #expect(admitted == nil)
    }

    @Test("a window is one shard's, and which one follows from its id alone")
    func shards() {
        let windows = Calendar.windows(every: .day)
        for ofShards in ShardAssignment.windows(windows, agents: 2, shards: 7) {
            #expect(ofShards.flatMap(\.self).sorted() == Array(windows.indices))
        }
        // By sha256sum.
        #expect(Share.number(ofUnit: "agent-1@2025-01-01") == 5_266_356_265_557_756_564)
        #expect(windows.first?.key == "2025-01-01" && windows.last?.key == "2025-12-31")
    }

    @Test("what happens first comes first, and at one time what was said first")
    func events() {
        var queue = EventQueue<Int>()
        let start = ContinuousClock.now
        for event in [5, 3, 8, 3, 1, 9, 5, 0] { queue.add(event, at: start + .seconds(event / 2)) }
        var seen: [Int] = []
        while let (_, event) = queue.next() { seen.append(event) }
        #expect(seen == [1, 0, 3, 3, 5, 5, 8, 9])
    }
}
