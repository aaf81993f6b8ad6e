/// Finds the rate limits that explain a number of cycles.
struct RateFits: Sendable {
    /// The maximum difference in seconds between the intervals at which requests are sent and at which they arrive.
    let jitter: Double

    /// A token bucket, full at the beginning, that explains the cycles. `nil` if none does.
    /// - Parameters:
    ///   - before: The burst that was found earlier, to choose among several fits. `nil` if none was.
    ///   - slack: The number of requests by which the cycles may deviate from the bucket.
    func bucket(_ cycles: [AdmittedCycle], burst before: Double? = nil, slack: Double = 1) -> RateFit? {
        let active = cycles.compactMap { cycle in cycle.refused.map { (Double(cycle.admitted.count), max($0 - cycle.start, 1e-3)) }
        }
        guard !active.isEmpty else { return nil }
        // A rate at which nothing is refused is too low to explain a refusal.
        let most = active.map { ($0.0 + 2) / $0.1 }.min() ?? 0
        let rates = sequence(first: LimiterModel.slowestPace) { $0 * 1.03 }.prefix { $0 <= 1.03 * most && $0 < 1e5 }
        var fitting: [(rate: Double, burst: Double)] = []
        var nearest = (rate: 0.0, gap: Double.infinity)
        /// Adds a rate if it fits.
        func add(_ rate: Double) {
            let (least, less) = bursts(rate, cycles)
            // The admitted requests need a burst of `least`, the refused ones a burst below `less`.
            let gap = least - less - 2 * rate * jitter
            if gap < nearest.gap { nearest = (rate, gap) }
            if gap <= slack { fitting.append((rate, max(1, min(least, less)))) }
        }
        for rate in rates { add(rate) }
        if fitting.count < 3, nearest.rate > 0 {
            // Long cycles show the rate exactly.
            let middle = nearest.rate
            for step in -15...15 where step != 0 { add(middle * (1 + 0.002 * Double(step))) }
            fitting.sort { $0.rate < $1.rate }
        }
        if let before {
            // A limit's burst usually stays the same when its rate changes.
            let alike = fitting.filter { $0.burst > 0.7 * before - 1 && $0.burst < 1.4 * before + 1 }
            if !alike.isEmpty || cycles.count > 1 { fitting = alike }
        }
        guard let first = fitting.first, let last = fitting.last else { return nil }
        let middle = (first.rate * last.rate).squareRoot()
        let best = fitting.min { abs($0.rate - middle) < abs($1.rate - middle) } ?? first
        if let before, let alike = fitting.min(by: { abs($0.burst - before) < abs($1.burst - before) }),
            last.rate > 1.2 * first.rate
        {
            return RateFit(kind: .bucket, low: first.rate, rate: alike.rate, high: last.rate, burst: alike.burst)
        }
        return RateFit(
            kind: .bucket, low: first.rate, rate: min(max(middle, first.rate), last.rate), high: last.rate, burst: best.burst)
    }

    /// The bounds of the burst at a given rate.
    /// - Returns: The smallest burst that admits all admitted requests, and the largest that refuses all refused ones.
    private func bursts(_ rate: Double, _ cycles: [AdmittedCycle]) -> (least: Double, less: Double) {
        var (level, time, least, less) = (0.0, cycles.first?.start ?? 0, 0.0, Double.infinity)
        for cycle in cycles {
            for sent in cycle.admitted {
                level = max(0, level - rate * (sent - time)) + 1
                time = sent
                least = max(least, level)
            }
            if let refused = cycle.refused { less = min(less, max(0, level - rate * (refused - time)) + 1) }
        }
        return (least, less)
    }

    /// A limit per second, by a sliding log or by a counter for each second, that explains the cycles. `nil` if none does.
    func second(_ cycles: [AdmittedCycle]) -> RateFit? {
        guard let log = log(cycles) else { return counter(cycles) }
        return log
    }

    private func log(_ cycles: [AdmittedCycle]) -> RateFit? {
        let times = cycles.flatMap(\.admitted)
        var (most, first) = (0, 0)
        for (place, time) in times.enumerated() {
            while times[first] <= time - 1 + jitter { first += 1 }
            most = max(most, place - first + 1)
        }
        let least =
            cycles.compactMap(\.refused).map { refused in times.count { $0 > refused - 1 - jitter && $0 <= refused } }.min() ?? 0
        return fit(most, least)
    }

    private func counter(_ cycles: [AdmittedCycle]) -> RateFit? {
        let times = cycles.flatMap { $0.admitted.suffix(400) }
        let found = stride(from: 0.0, to: 1, by: 0.01).compactMap { phase -> RateFit? in
            var counts: [Int: Int] = [:]
            for time in times { counts[Int((time + phase).rounded(.down)), default: 0] += 1 }
            let least = cycles.compactMap(\.refused).map { counts[Int(($0 + phase).rounded(.down)), default: 0] }.min() ?? 0
            let most = counts.values.max() ?? 0
            return Double(most - least) <= 2 + 2 * Double(most) * jitter ? fit((most + least) / 2, max(most, least)) : nil
        }
        return found.max { $0.rate < $1.rate }
    }

    private func fit(_ most: Int, _ least: Int) -> RateFit? {
        let (most, least) = (Double(most), Double(least))
        guard most >= 1, most <= least else { return nil }
        return RateFit(kind: .second, low: min(most, least), rate: most, high: max(most, least), burst: 0)
    }
}

/// A rate limit that explains which requests were admitted and which were refused.
struct RateFit: Sendable {
    /// How the service counts.
    enum Kind: Sendable {
        case bucket, second
    }

    let kind: Kind
    /// The lowest possible rate, in requests per second.
    let low: Double
    /// The most likely rate, in requests per second.
    let rate: Double
    /// The highest possible rate, in requests per second.
    let high: Double
    /// The burst: requests admitted at once, beyond the rate.
    let burst: Double

    /// Whether the rate is known precisely enough to be used as it is. One to three requests per second also look like this if the requests
    /// must be apart, and each pause lasts a second.
    var isTight: Bool { high <= 1.08 * low && (kind == .bucket || low >= 4) }
}
