import ArgumentParser
import Foundation
import FuzzKit

/// Runs `Work` in a process of its own, and says which input it was that ended it or never came to an end.
struct Watch: ParsableCommand {
    @OptionGroup var options: FuzzOptions

    /// No input takes longer than this, in seconds.
    private static let patience = 60.0

    func run() throws {
        say("fuzz: seed \(options.seed); the same inputs again: make fuzz FUZZ_SEED=\(options.seed)")
        try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: options.current)
        let work = Process()
        work.executableURL = URL(filePath: CommandLine.arguments[0])
        work.arguments = ["work", "--seconds", "\(options.seconds)", "--seed", "\(options.seed)", "--folder", options.folder]
        if let replay = options.replay { work.arguments?.append(contentsOf: ["--replay", replay]) }
        if let only = options.only { work.arguments?.append(contentsOf: ["--only", only]) }
        try work.run()
        let isLate = wait(for: work)
        guard work.terminationReason == .uncaughtSignal else { throw ExitCode(work.terminationStatus) }
        say("fuzz: \(isLate ? "an input never came to an end" : "an input made the product trap")")
        if options.replay == nil {
            let path = "\(options.folder)/\(isLate ? "endless" : "trap")-\(options.seed)"
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: options.current, toPath: path)
            say("      try it again: make fuzz FUZZ_REPLAY=\(path)")
        }
        throw ExitCode(1)
    }

    /// Waits for the end, and brings it about where one input goes on and on. Returns whether it did.
    private func wait(for work: Process) -> Bool {
        while work.isRunning {
            Thread.sleep(forTimeInterval: 0.1)
            let attributes = try? FileManager.default.attributesOfItem(atPath: options.current)
            if let begun = attributes?[.modificationDate] as? Date, -begun.timeIntervalSinceNow > Self.patience {
                kill(work.processIdentifier, SIGKILL)
                work.waitUntilExit()
                return true
            }
        }
        return false
    }

    /// At once, before the other process says anything.
    private func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
