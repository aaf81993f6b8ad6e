import ArgumentParser
import Foundation
import FuzzKit

/// Tries inputs by chance for a while: `make fuzz`.
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Fuzz", subcommands: [Watch.self, Work.self], defaultSubcommand: Watch.self)
}

/// What both the process that tries inputs and the one that watches it are told.
struct FuzzOptions: ParsableArguments {
    @Option(help: "How long to try, in seconds.")
    var seconds = 120

    @Option(help: "Where the numbers begin; the same seed gives the same inputs.")
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))

    @Option(help: "A file of a finding, to try it again.")
    var replay: String?

    @Option(help: "The one target to try: json, pages, rows, gzip, windows, pipelines or text.")
    var only: String?

    @Option(help: "Where findings are written.")
    var folder = ".build/fuzz"

    /// The input being tried.
    var current: String { "\(folder)/current" }

    func targets() throws -> [any FuzzTarget] {
        let targets = try FuzzTargets.all().filter { only == nil || $0.name == only }
        guard !targets.isEmpty else { throw ValidationError("there is no such target") }
        return targets
    }
}
