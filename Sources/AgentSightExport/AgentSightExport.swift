import ArgumentParser
import CBuild
import ExportCore
import ExportFormats
import ExportPipelines
import Foundation

#if canImport(Glibc)
    import CMalloc
#endif

/// The command `agentsight-export`.
@main
struct AgentSightExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agentsight-export",
        abstract: "Exports AgentSight conversations to files and proves that they are complete.",
        discussion: """
            A pipeline file describes an export. A run exports the windows that are missing or outdated, so it is safe to repeat.

            Exit codes: 0 success; 1 some windows failed, the others are committed; 2 the command or the pipeline file is wrong, nothing was \
            exported; 3 the service refused the key; 4 some windows are unsettled, or verify found a problem; 75 temporary failure, try again \
            later; 130, 143 interrupted, no file is half-written; 141 the reader of standard output closed it.
            """,
        version: Version.full,
        subcommands: [
            RunCommand.self, DumpCommand.self, PlanCommand.self, VerifyCommand.self, StatusCommand.self, ReportCommand.self,
            PruneCommand.self, ValidateCommand.self,
            PreviewCommand.self, LoadCommand.self, SchemaCommand.self,
            ProbeCommand.self, InitCommand.self, SampleServerCommand.self, DemoCommand.self,
        ]
    )

    static func main() async {
        // A reader of standard output that goes away shows as an error of the write, not as a signal.
        signal(SIGPIPE, SIG_IGN)
        // And a file that may not grow, as the error of its write.
        signal(SIGXFSZ, SIG_IGN)
        keepFreedMemory()
        OpenFiles.allowAsManyAsPossible()
        do {
            try SystemText.check()
            try checkCommand()
            var command = try parseAsRoot()
            try OpenFiles.checkRoom()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch let failure as CommandFailure {
            if failure.isWhole {
                Console.standard.error(lines: failure.message)
            } else if failure.status != .brokenPipe {
                Console.standard.error(failure.message)
            }
            Foundation.exit(failure.status.rawValue)
        } catch  where exitCode(for: error).isSuccess {
            // Help and version come as errors too.
            print(fullMessage(for: error))
            Foundation.exit(ExitStatus.done.rawValue)
        } catch {
            // As all errors begin here.
            let message = fullMessage(for: error)
            let words = message.tail(afterExactly: "Error: ").map(String.init) ?? message
            Console.standard.format == .json ? Console.standard.error(words) : Console.standard.write("error: \(words)")
            Foundation.exit(ExitStatus.wrongCommand.rawValue)
        }
    }

    /// The parser's own complaint names no other command.
    private static func checkCommand() throws {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = CommandLine.arguments.dropFirst().first, !word.startsExactly(with: "-"), !names.contains(word) else {
            return
        }
        let nearest =
            NearestName.of(word, in: names).map { "did you mean \"\($0)\"?" }
            ?? "the commands are \(names.joined(separator: ", "))."
        throw CommandFailure("there is no command \"\(ShownText.presentable(word))\"; \(nearest)", .wrongCommand)
    }

    /// Pages and blocks of some hundred KB come and go all the time, on all threads: given back to the system, each would cost its page
    /// faults again, an eighth of a run's time, and kept by each thread for itself they would be held several times over.
    private static func keepFreedMemory() {
        #if canImport(Glibc)
            _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
            _ = mallopt(M_TRIM_THRESHOLD, 128 << 20)
            _ = mallopt(M_ARENA_MAX, 1)
        #endif
    }
}

enum Version {
    /// This program's version.
    static let text = "0.2.0"
    static let userAgent = "agentsight-export/\(text)"

    /// With the commit that it was built from, and what compresses.
    static var full: String {
        let commit = String(cString: agentsight_commit())
        let (fast, ofPages) = (GzipBlock.encoder(level: nil), WholeGzip.encoder(level: nil))
        let gzip = fast + (ofPages.equalsExactly(fast) ? "" : ", \(ofPages) in Parquet")
        let zlib = GzipBlock.encoder(level: 6).splitExactly(at: " ").prefix(2).joined(separator: " ")
        let zstd =
            Zstd.isAvailable ? ", " + Zstd.encoder(level: nil).splitExactly(at: " ").prefix(2).joined(separator: " ") : ", no zstd"
        return "\(text)\(commit.isEmpty ? "" : " (commit \(commit))"), gzip by \(gzip), \(zlib)\(zstd)"
    }
}
