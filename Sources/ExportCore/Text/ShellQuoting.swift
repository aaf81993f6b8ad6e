/// Quotes words for a POSIX shell.
package enum ShellQuoting {
    /// A pipeline file or a destination with its `--set` options, as users can type it again.
    package static func target(_ name: String, settings: [String]) -> String {
        ([name] + settings.flatMap { ["--set", $0] }).map(quoted).joined(separator: " ")
    }

    /// Returns the word, in quotes if a shell would not read it as a single plain word.
    package static func quoted(_ word: String) -> String {
        !word.isEmpty && word.utf8.allSatisfy(isPlain) ? word : inQuotes(word)
    }

    /// Returns the word in quotes.
    package static func inQuotes(_ word: String) -> String {
        "'\(word.replacingExactly("'", with: #"'\''"#))'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "_./:=@%+,-".utf8.contains(byte)
        }
    }
}
