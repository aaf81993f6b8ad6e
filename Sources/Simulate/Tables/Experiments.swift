import ExportCore

extension Experiment {
    static let all = [rows, windows, agents, slots, latency, commits, slowKeys, shards, failures, deaths]

    private static let rows = Experiment(
        name: "rows", title: "Rows: 200 agents, windows of a day, 8 requests at once",
        columns: [.rows, .rowsAWindow, .requests, .aboveLeast, .wall, .idle, .gigabytes, .files, .cpu, .spool],
        scenarios: [100_000, 1_000_000, 3_000_000, 10_000_000].map { rows in Scenario().with { $0.rows = rows } })

    private static let windows = Experiment(
        name: "windows", title: "Windows: 10 million rows, 200 agents",
        columns: [.every, .manifests, .rowsAWindow, .requests, .aboveLeast, .wall, .idle, .planning, .spool, .spools],
        scenarios: [.hour, .day, .week, .month].map { every in Scenario().with { $0.every = every } })

    private static let agents = Experiment(
        name: "agents", title: "Agents: 10 million rows, windows of a day, 64 requests at once",
        columns: [.agents, .requests, .throttled, .bound, .slowest, .median, .wall, .idle, .spools],
        scenarios: [1, 3, 10, 50, 200].map { agents in
            Scenario().with {
                $0.agents = agents
                $0.concurrency = 64
            }
        })

    private static let slots = Experiment(
        name: "slots", title: "Requests at once: 10 million rows, 200 agents, one process",
        columns: [.concurrency, .requests, .throttled, .slowest, .wall, .idle, .processors, .spool, .spools],
        scenarios: [4, 8, 16, 32, 64].map { concurrency in Scenario().with { $0.concurrency = concurrency } })

    /// The ideal: all slots are busy from the first request to the last, and three requests go alone.
    static let latency = Experiment(
        name: "latency", title: "Latency alone: one agent, 20,000 rows that lie unevenly, no limit",
        columns: [.every, .concurrency, .requests, .fetched, .overIdeal],
        scenarios: [WindowLength.all, .month, .day].flatMap { every in
            [1, 8, 32].map { concurrency in
                Scenario().with {
                    ($0.rows, $0.agents, $0.isUneven) = (20_000, 1, true)
                    ($0.isLimited, $0.slowKeys, $0.failures, $0.commit) = (false, 0, 0, .zero)
                    ($0.every, $0.concurrency) = (every, concurrency)
                }
            }
        })

    private static let commits = Experiment(
        name: "commits", title: "Commits, one at a time: 10 million rows, 200 agents",
        columns: [.every, .commit, .requests, .wall, .idle, .spool, .spools],
        scenarios: [WindowLength.day, .week, .month].flatMap { every in
            [10, 50, 200].map { commit in
                Scenario().with {
                    $0.every = every
                    $0.commit = .milliseconds(commit)
                }
            }
        })

    private static let slowKeys = Experiment(
        name: "slow-keys", title: "Keys that may do 200 requests a minute, and not 1000",
        columns: [.slowKeys, .concurrency, .throttled, .median, .wall, .idle],
        scenarios: [8, 32].flatMap { concurrency in
            [0, 0.05, 0.2].map { share in
                Scenario().with {
                    $0.slowKeys = share
                    $0.concurrency = concurrency
                }
            }
        })

    private static let shards = Experiment(
        name: "shards", title: "Shards of 8 requests at once: 10 million rows, 200 agents, windows of a day",
        columns: [
            .counting, .shards, .rate, .requests, .throttledShare, .givenUp, .imbalance, .imbalanceOfLargest, .wall, .idle,
        ],
        scenarios: [false, true].flatMap { countsBySecond in
            [1, 4, 8, 32].flatMap { shards in
                [Scenario.Rate.found, .declared, .shared].map { rate in
                    Scenario().with {
                        $0.countsBySecond = countsBySecond
                        $0.shards = shards
                        $0.rate = rate
                    }
                }
            }
        }.filter { $0.shards > 1 || $0.rate != .shared })

    private static let failures = Experiment(
        name: "failures", title: "Failures in passing, one in ten of them without an answer",
        columns: [.failing, .timeout, .requests, .repeats, .failed, .wall, .idle],
        scenarios: [60, 10].flatMap { timeout in
            [0, 0.005, 0.02, 0.05].map { failures in
                Scenario().with {
                    $0.failures = failures
                    $0.timeout = .seconds(timeout)
                }
            }
        })

    private static let deaths = Experiment(
        name: "deaths", title: "One of 4 shards is killed half-way, and started again after a minute; nothing else fails",
        columns: [.every, .death, .begunAgain, .requestsLost, .requests, .wall],
        scenarios: [WindowLength.day, .month].flatMap { every in
            [nil, Scenario.Death.sameMachine, .otherMachine].map { death in
                Scenario().with {
                    $0.shards = 4
                    $0.failures = 0
                    $0.every = every
                    $0.death = death
                }
            }
        })
}

extension Scenario {
    fileprivate func with(_ change: (inout Scenario) -> Void) -> Scenario {
        var scenario = self
        change(&scenario)
        return scenario
    }
}
