import ArgumentParser
import Logging

/// How much is said, shared by the commands that take their time.
struct OutputOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print only warnings and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Also print retries and waits.")
    var verbose = false

    @Option(help: "The format of lines on standard error: text or json.")
    var logFormat = LogFormat.text

    var console: Console { Console(isQuiet: quiet, format: logFormat) }

    var logger: Logger { Self.logger(verbose ? .debug : .warning, logFormat) }

    /// The logger of a command that has no such options: warnings, as text.
    static func logger(_ level: Logger.Level = .warning, _ format: LogFormat = .text) -> Logger {
        Logger(label: "agentsight-export") { _ in ConsoleLogHandler(logLevel: level, format: format) }
    }
}

extension LogFormat: ExpressibleByArgument {}

/// How an answer is printed.
enum ResultFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}
