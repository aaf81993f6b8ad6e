import ExportCore
import ExportReport
import Foundation
import Logging

/// Messages for people, on standard error. Data and results go to standard output.
struct Console: Sendable {
    /// Whether only warnings and errors are written.
    var isQuiet = false
    var format = LogFormat.text

    /// The console in the format that the arguments request, even if they cannot be parsed.
    static let standard = Console(format: LogFormat.asked(by: CommandLine.arguments))

    /// A line of progress or of a summary.
    func note(_ line: String) {
        if !isQuiet { write(line.shown(), level: .notice) }
    }

    func error(_ line: String) {
        write(line.shown(), level: .error)
    }

    /// An error whose lines say where it is, and that it is one.
    func error(lines: String) {
        format == .json ? error(lines) : write(lines)
    }

    func warn(_ line: String) {
        write(line.shown(), level: .warning)
    }

    func write(_ line: RunLine) {
        if line.level == .warning || !isQuiet {
            write(line.text.shown(), level: line.level == .warning ? .warning : .notice, fields: line.fields)
        }
    }

    /// Several lines, too.
    func write(_ text: String, level: Logger.Level? = nil, fields: [String: String] = [:]) {
        let line =
            switch (format, level) {
            case (.json, _): LogLine(level: level ?? .notice, message: text, metadata: fields.mapValues { "\($0)" }).json
            case (.text, .error): "error: \(text)"
            case (.text, .warning): "warning: \(text)"
            case (.text, _): text
            }
        Terminal.shared.print(format == .json ? line : line.shownInLines())
    }
}

enum LogFormat: String, CaseIterable {
    case text, json

    /// The `--log-format` in arguments that have not been parsed yet.
    static func asked(by arguments: [String]) -> LogFormat {
        let arguments = arguments.prefix { $0 != "--" }
        let isJSON =
            zip(arguments, arguments.dropFirst()).contains { $0 == "--log-format" && $1 == "json" }
            || arguments.contains { $0 == "--log-format=json" }
        return isJSON ? .json : .text
    }
}

/// One line of the log.
struct LogLine: Encodable {
    let time: String
    let level: String
    let message: String
    let fields: [String: String]

    init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
        time = Date().ISO8601Format()
        self.level = level.rawValue
        self.message = message
        fields = metadata.mapValues { "\($0)" }
    }

    var text: String {
        let rest = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(level): \(message)\(rest)".shown()
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A line of strings always encodes.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self).escapingUnprintables() } ?? "{}"
    }
}

/// Writes log lines to standard error.
struct ConsoleLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let format: LogFormat

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = LogLine(
            level: event.level, message: "\(event.message)", metadata: metadata.merging(event.metadata ?? [:]) { $1 })
        Terminal.shared.print(format == .json ? line.json : line.text)
    }
}
