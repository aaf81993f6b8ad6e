import ExportCore
import ExportReport
import Foundation
import SystemPackage

/// Writes a command's output to standard output.
enum StandardOutput {
    /// Writes lines for people: nothing in them rules a terminal.
    /// - Throws: `CommandFailure`, as where the reader went away.
    static func write(_ text: String) throws {
        try write(exactly: text.shownInLines())
    }

    /// Writes a text for programs, as it is.
    static func write(exactly text: String) throws {
        try write(Data((text + "\n").utf8))
    }

    static func write(_ content: Data) throws {
        do {
            _ = try FileDescriptor.standardOutput.writeAll(content)
        } catch Errno.brokenPipe {
            throw CommandFailure("the reader of standard output closed it.", .brokenPipe)
        } catch {
            throw CommandFailure("cannot write to standard output: \(error)", .someWindowsFailed)
        }
    }

    static func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(exactly: String(decoding: try encoder.encode(value), as: UTF8.self).escapingUnprintables())
    }

    /// Columns as wide as their widest cell, two spaces between them.
    static func table(_ rows: [[String]]) -> String {
        // A cell is one, whoever wrote it.
        let rows = rows.map { $0.map { $0.shown() } }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? TerminalWidth.of($0[column]) : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - TerminalWidth.of(cell))
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// A value that is written as null where there is none: "none" is an answer, and the key is always there.
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    let value: Value?

    init(_ value: Value?) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
