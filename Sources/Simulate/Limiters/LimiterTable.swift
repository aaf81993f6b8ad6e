/// A table of the times of runs under each kind of limiter, relative to the least possible time.
enum LimiterTable {
    static let title = "Requests under unknown limiters: time ÷ minimum, first and second run"

    private static let sizes = [50, 250, 1000, 5000]
    private static let concurrencies = [1, 8, 16, 64]
    private static let latencies = [0.02, 0.1, 0.5, 2]
    /// The longest least time; slower runs are left out.
    private static let longest = 2000.0

    /// The results of the runs of one kind.
    struct Row: Sendable {
        var runs = 0
        /// The number of slow first runs: over 1.25 times the least time, one second, and one `Retry-After` if there was any.
        var slow = 0
        /// The number of slow second runs, which know what the first ones found: over 1.1 times the least time and one second.
        var slowAgain = 0
        var throttled = 0
        var requests = 0
        var insideRetryAfter = 0
        /// Times divided by the least possible ones.
        var ratios: [Double] = []
        var ratiosAgain: [Double] = []
    }

    static func row(_ kind: LimiterKind) -> Row {
        var row = Row()
        for requests in sizes {
            for concurrency in concurrencies {
                for latency in latencies {
                    let run = LimitedRun(requests: requests, concurrency: concurrency, latency: latency)
                    let limiter = kind.limiter(requests + concurrency)
                    let ideal = run.ideal(against: limiter)
                    guard ideal < longest else { continue }
                    let first = run.outcome(against: limiter)
                    let second = run.outcome(against: limiter, known: first.known)
                    row.runs += 1
                    row.slow += first.seconds > 1.25 * ideal + (first.throttled > 0 ? 2 : 1) ? 1 : 0
                    row.slowAgain += second.seconds > 1.1 * ideal + 1 ? 1 : 0
                    row.throttled += first.throttled
                    row.requests += requests
                    row.insideRetryAfter += first.insideRetryAfter + second.insideRetryAfter
                    row.ratios.append(first.seconds / ideal)
                    row.ratiosAgain.append(second.seconds / ideal)
                }
            }
        }
        row.ratios.sort()
        row.ratiosAgain.sort()
        return row
    }

    static func text(_ rows: [(kind: LimiterKind, row: Row)]) -> String {
        Figures.table(
            ["limiter", "runs", "median", "worst", "slow", "second run: median", "slow", "throttled", "inside Retry-After"],
            rows.map { kind, row in
                [
                    kind.name, "\(row.runs)", median(row.ratios), Figures.decimal(row.ratios.last ?? 0, places: 2), "\(row.slow)",
                    median(row.ratiosAgain), "\(row.slowAgain)",
                    Figures.decimal(100 * Double(row.throttled) / Double(row.requests), places: 2) + " %",
                    "\(row.insideRetryAfter)",
                ]
            })
    }

    private static func median(_ sorted: [Double]) -> String {
        sorted.isEmpty ? "" : Figures.decimal(sorted[sorted.count / 2], places: 2)
    }
}
