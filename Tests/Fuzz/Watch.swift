import ArgumentParser
import Foundation
import FuzzKit

/// Runs `Work` in a process of its own, and says which input it was that ended it or never came to an end.
struct Watch: ParsableCommand {
    @OptionGroup var options: FuzzOptions

    /// One input takes no longer than this, in seconds.
    private static let patience = 120

    func run() throws {
        say("fuzz: seed \(options.seed); the same inputs again: make fuzz FUZZ_SEED=\(options.seed)")
        try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
        let work = Process()
        work.executableURL = URL(filePath: CommandLine.arguments[0])
        work.arguments = ["work", "--seconds", "\(options.seconds)", "--seed", "\(options.seed)", "--folder", options.folder]
        if let replay = options.replay { work.arguments?.append(contentsOf: ["--replay", replay]) }
        if let only = options.only { work.arguments?.append(contentsOf: ["--only", only]) }
        try work.run()
        let patience = Double(options.seconds + Self.patience)
        let deadline = Date(timeIntervalSinceNow: patience)
        DispatchQueue.global().asyncAfter(deadline: .now() + patience) { [id = work.processIdentifier] in
            kill(id, SIGKILL)
        }
        work.waitUntilExit()
        guard work.terminationReason == .uncaughtSignal else { throw ExitCode(work.terminationStatus) }
        let isLate = Date() >= deadline
        let path = "\(options.folder)/\(isLate ? "endless" : "trap")-\(options.seed)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: options.current, toPath: path)
        say("fuzz: \(isLate ? "an input never came to an end" : "an input made the product trap")")
        say("      try it again: make fuzz FUZZ_REPLAY=\(path)")
        throw ExitCode(1)
    }

    /// At once, before the other process says anything.
    private func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
