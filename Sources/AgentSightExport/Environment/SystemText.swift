import ExportCore
import ExportHTTP
import Foundation

/// Arguments and variables, whose bytes the system passes and Swift decodes. Swift replaces invalid UTF-8 by U+FFFD, so two texts could
/// become one that neither of them meant.
enum SystemText {
    /// The environment, without what is not UTF-8.
    static let environment = ProcessInfo.processInfo.environment.filter { !unreadableVariables.contains($0.key) }

    /// The names of variables whose values are not UTF-8.
    static let unreadableVariables: Set<String> = {
        guard let entries = entries(of: "environ") else {
            return Set(ProcessInfo.processInfo.environment.filter { isRepaired($0.value) }.keys)
        }
        let names = entries.filter { String(validating: $0, as: UTF8.self) == nil }
            .map { $0.prefix { $0 != UInt8(ascii: "=") } }
        return Set(names.map { String(decoding: $0, as: UTF8.self) })
    }()

    /// Refuses arguments, and variables that a command itself reads, that are not UTF-8. Their contents are not shown.
    ///
    /// A variable that a pipeline file names is refused where it does.
    /// - Throws: `CommandFailure`.
    static func check() throws {
        if let place = unreadableArgument {
            throw CommandFailure("argument \(place) is not UTF-8 text.", .wrongCommand)
        }
        if let name = unreadableVariables.filter(isOwn).min() {
            throw CommandFailure("the variable \(name) is not UTF-8 text.", .wrongCommand)
        }
    }

    /// From 1, as a shell counts them.
    private static var unreadableArgument: Int? {
        guard let entries = entries(of: "cmdline") else { return CommandLine.arguments.firstIndex(where: isRepaired) }
        return entries.firstIndex { String(validating: $0, as: UTF8.self) == nil }
    }

    /// Whether the program reads a variable: its own ones, those of AWS tools, of the network and of job schedulers, and those used in
    /// paths.
    private static func isOwn(_ name: String) -> Bool {
        ["AGENTSIGHT_", "AWS_"].contains(where: name.startsExactly) || ShareOptions.indices.contains(name)
            || NetworkSettings.variables.contains(name) || ["HOME", "TMPDIR"].contains(name)
    }

    /// Where the system does not show the bytes, the sign for what was none is not wanted either.
    private static func isRepaired(_ text: String) -> Bool { text.containsExactly("\u{FFFD}") }

    /// The NUL-separated entries of a file below /proc/self. `nil` if the system does not show it.
    private static func entries(of name: String) -> [ArraySlice<UInt8>]? {
        guard let content = SmallFile.read("/proc/self/\(name)", atMost: 64 << 20), !content.isEmpty else { return nil }
        return Array(content).split(separator: 0, omittingEmptySubsequences: false)
    }
}
