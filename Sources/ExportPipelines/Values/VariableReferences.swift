import ExportCore

/// Expands references in a value: `${NAME}` is a variable of the environment, which must not be empty, and `$$` a dollar sign. Other dollar
/// signs are literal.
enum VariableReferences {
    enum Fault: Error {
        case unset(String)
        /// The variable's value is not valid text.
        case unreadable(String)
        case broken
    }

    static func expand(
        _ text: String, _ environment: [String: String], unreadable: Set<String> = []
    ) throws(Fault) -> String {
        guard text.containsExactly("$") else { return text }
        var result = ""
        // By scalars: `}` counts as a brace even if a combining mark follows.
        var scalars = text.unicodeScalars[...]
        while let dollar = scalars.firstIndex(of: "$") {
            result += Substring(scalars[..<dollar])
            scalars = scalars[dollar...].dropFirst()
            if scalars.first == "$" {
                scalars = scalars.dropFirst()
                result += "$"
            } else if scalars.first == "{" {
                guard let brace = scalars.firstIndex(of: "}"), isName(Substring(scalars[..<brace].dropFirst())) else {
                    throw .broken
                }
                let name = String(scalars[..<brace].dropFirst())
                guard !unreadable.contains(name) else { throw .unreadable(name) }
                guard let value = environment[name], !value.isEmpty else { throw .unset(name) }
                result += value
                scalars = scalars[brace...].dropFirst()
            } else {
                result += "$"
            }
        }
        return result + Substring(scalars)
    }

    /// The name in a text that is exactly one reference.
    static func soleName(in text: String) -> String? {
        guard let name = text.tail(afterExactly: "${")?.head(beforeExactly: "}"), isName(name) else { return nil }
        return String(name)
    }

    /// Whether a name is valid in POSIX: letters, digits and `_`, not beginning with a digit.
    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
    }
}
