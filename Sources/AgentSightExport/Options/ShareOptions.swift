import ArgumentParser
import ExportCore
import ExportReport
import Foundation

/// Which part of the windows a run takes, so that several may work on one destination side by side.
struct ShareOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Export part I of N of the windows, counted from 0. The other parts may run at the same time, even on other machines. auto/N \
            takes I from JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, CLOUD_RUN_TASK_INDEX or SLURM_ARRAY_TASK_ID.
            """,
            valueName: "I/N"))
    var shard: String?

    @Option(
        name: .customLong("unit"), parsing: .singleValue,
        help: "Export only this unit of work, by its id in plan --format json (repeatable).")
    var units: [String] = []

    @Option(
        help: ArgumentHelp("Use only this part of fetch.rate, for N runs that share a key.", valueName: "1/N"))
    var rateShare: String?

    /// Where those who start many of the same tell each which it is.
    static let indices = [
        "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX", "CLOUD_RUN_TASK_INDEX", "SLURM_ARRAY_TASK_ID",
    ]

    func validate() throws {
        if shard != nil, !units.isEmpty {
            throw ValidationError("--shard and --unit both select the windows to export: use only one of them")
        }
        _ = try share(environment: SystemText.environment)
        _ = try rateDivisor()
    }

    /// The share that the options or the environment select.
    /// - Throws: `ValidationError` for an invalid shard.
    func share(environment: [String: String]) throws -> Share {
        if !units.isEmpty { return .units(Set(units)) }
        guard let shard else { return .whole }
        guard let (part, count) = Self.part(shard), 1...Share.maximumShards ~= count else {
            throw ValidationError("--shard \(shard): expected I/N such as 0/4, with N from 1 to \(Share.maximumShards)")
        }
        var index = Int(part)
        if part == "auto" || part.isEmpty {
            guard let name = Self.indices.first(where: { environment[$0].map { !$0.isEmpty } ?? false }),
                let text = environment[name]
            else {
                throw ValidationError(
                    "--shard \(shard): none of \(Self.indices.joined(separator: ", ")) is set; give the index, such as 0/\(count)")
            }
            index = Int(text)
            guard let index, 0..<count ~= index else {
                throw ValidationError("--shard \(shard): \(name) is \(text), but must be from 0 to \(count - 1)")
            }
        }
        guard let index, 0..<count ~= index else {
            throw ValidationError("--shard \(shard): the index must be from 0 to \(count - 1)")
        }
        return .shard(index, of: count)
    }

    /// Splits `1/4` into the text before the slash and the number after it.
    private static func part(_ text: String) -> (String, of: Int)? {
        let parts = text.splitExactly(at: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let whole = Int(parts[1]) else { return nil }
        return (parts[0], whole)
    }

    private func rateDivisor() throws -> Double? {
        guard let rateShare else { return nil }
        guard let (text, whole) = Self.part(rateShare), let part = Int(text), part >= 1, whole >= part, whole <= Share.maximumShards
        else {
            throw ValidationError("--rate-share \(rateShare): expected a fraction such as 1/4")
        }
        return Double(whole) / Double(part)
    }

    /// The share of a plan, and the plan with its part of the rate.
    /// - Throws: `CommandFailure` for units that the plan does not have.
    func applied(to plan: ExportPlan, _ console: Console) throws -> (Share, ExportPlan) {
        let share = try share(environment: SystemText.environment)
        if case .units(let units) = share {
            let unknown = units.subtracting(plan.windows.map(\.key)).sorted()
            if let first = unknown.first {
                throw CommandFailure(
                    "--unit \(first): the plan has no such unit; `plan` lists the units.", .wrongCommand)
            }
        }
        var plan = plan
        if let divisor = try rateDivisor() {
            plan.fetch.requestsPerSecond = plan.fetch.requestsPerSecond.map { $0 / divisor }
            if plan.fetch.requestsPerSecond == nil {
                console.warn("--rate-share has no effect: the file sets no fetch.rate")
            }
        }
        return (share, plan)
    }
}
