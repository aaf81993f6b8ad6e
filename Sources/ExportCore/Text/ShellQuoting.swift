/// Words as a POSIX shell reads them.
package enum ShellQuoting {
    /// A pipeline file or a destination, with the settings that were given on top: what people can type again.
    package static func target(_ name: String, settings: [String]) -> String {
        ([name] + settings.flatMap { ["--set", $0] }).map(quoted).joined(separator: " ")
    }

    /// In quotes where a shell would take it for more than a word.
    package static func quoted(_ word: String) -> String {
        !word.isEmpty && word.utf8.allSatisfy(isPlain) ? word : inQuotes(word)
    }

    /// In quotes whatever it is.
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
