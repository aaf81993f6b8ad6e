import TestSupport

/// Gives targets inputs, and gathers what they do not get right.
public struct FuzzRun {
    /// Inputs that are judged together.
    private static let batchSize = 256
    /// After so many findings a target is left: the rest is likely the same once more.
    private static let enough = 5

    private let oracle: Oracle
    private let seed: UInt64
    private let journal: Journal?

    /// - Parameters:
    ///   - seed: the same seed and counts give the same inputs.
    ///   - journal: where each input is written before it is tried, for what ends the process.
    public init(oracle: Oracle, seed: UInt64, journal: Journal? = nil) {
        self.oracle = oracle
        self.seed = seed
        self.journal = journal
    }

    /// Tries `count` inputs of the target, or as many as the duration allows. Throws where the oracle or the journal fails.
    public func run(_ target: any FuzzTarget, count: Int = .max, for duration: Duration? = nil) throws -> TargetReport {
        let clock = ContinuousClock()
        let start = clock.now
        var report = TargetReport(target: target.name)
        var random = SeededRandom(seed: seed, name: target.name)
        while report.inputs < count, report.findings.count < Self.enough, duration.map({ clock.now - start < $0 }) ?? true {
            let inputs = (0..<min(Self.batchSize, count - report.inputs)).map { _ in target.input(&random) }
            report.inputs += inputs.count
            report.bytes += inputs.reduce(0) { $0 + $1.count }
            report.findings += try findings(of: target, inputs)
        }
        report.time = clock.now - start
        return report
    }

    /// Tries one input again.
    public func replay(_ target: any FuzzTarget, _ input: [UInt8]) throws -> TargetReport {
        var report = TargetReport(target: target.name, inputs: 1, bytes: input.count)
        report.findings = try findings(of: target, [input])
        return report
    }

    private func findings(of target: any FuzzTarget, _ inputs: [[UInt8]]) throws -> [Finding] {
        var findings: [Finding] = []
        var cases: [(input: [UInt8], answer: [UInt8])] = []
        for input in inputs {
            try journal?.note(target.name, input)
            do throws(Disagreement) {
                if let answer = try target.answer(to: input) { cases.append((input, answer)) }
            } catch {
                findings.append(Finding(target: target.name, input: input, words: error.words))
            }
        }
        guard !cases.isEmpty else { return findings }
        for (verdict, (input, _)) in zip(try oracle.judge(target.name, cases), cases) {
            if let verdict { findings.append(Finding(target: target.name, input: input, words: verdict)) }
        }
        return findings
    }
}

/// What became of a target's inputs.
public struct TargetReport: Sendable {
    public let target: String
    public internal(set) var inputs = 0
    public internal(set) var bytes = 0
    public internal(set) var time = Duration.zero
    public internal(set) var findings: [Finding] = []
}
