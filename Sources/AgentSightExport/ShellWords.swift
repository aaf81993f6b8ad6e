/// What people can type again.
enum ShellWords {
    /// A pipeline file or a destination, with the settings that were given on top.
    static func target(_ name: String, settings: [String]) -> String {
        ([name] + settings.flatMap { ["--set", $0] }).map(quoted).joined(separator: " ")
    }

    /// In quotes where a shell would take it for more than a word.
    static func quoted(_ word: String) -> String {
        word.wholeMatch(of: /[A-Za-z0-9_.\/:=@%+,-]+/) == nil ? "'\(word.replacing("'", with: "'\\''"))'" : word
    }
}
