import Foundation
import Testing

/// What somebody types and what stands on standard error after it, as a terminal shows it: the command behind `$ `, the lines, and
/// `exit` with the code; entries stand apart by an empty line.
enum Session {
    struct Entry: CustomTestStringConvertible, Sendable {
        var command: String
        var lines: [String]

        var testDescription: String { command }
    }

    static func read(_ transcript: String) -> [Entry] {
        transcript.split(separator: "\n\n").map { paragraph in
            let lines = paragraph.split(separator: "\n").map(String.init)
            return Entry(command: String(lines[0].dropFirst(2)), lines: Array(lines.dropFirst()))
        }
    }

    /// Types a command into a shell, and gives what is read then: without the folder, ports and durations of this time.
    static func lines(after command: String, in folder: TemporaryFolder, endpoint: String = "http://127.0.0.1:1") async throws
        -> [String]
    {
        let script = command.replacing("agentsight-export", with: #""$COMMAND""#)
        let outcome = try await Command.runScript(script, in: folder, endpoint: endpoint)
        let said = outcome.errors.replacing(folder.url.path, with: "FOLDER")
            .replacing(#/127\.0\.0\.1:\d{4,}/#, with: "127.0.0.1:PORT").replacing(#/port \d{4,}/#, with: "port PORT").replacing(
                #/ in \d+\.\d s/#, with: " in N s"
            )
            .replacing(#/\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}/#, with: "RUN")
            .replacing(#/before 20\d\d-\S+Z/#, with: "before NOW")
        return said.split(separator: "\n").map(String.init) + ["exit \(outcome.status)"]
    }
}
