/// `${NAME}` in a value stands for what the environment holds, which must not be empty, `$$` for a dollar sign; any other dollar sign for itself.
enum VariableReferences {
    enum Fault: Error {
        case unset(String)
        case broken
    }

    static func expand(_ text: String, _ environment: [String: String]) throws(Fault) -> String {
        guard text.contains("$") else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                rest = rest.dropFirst()
                result += "$"
            } else if rest.first == "{" {
                guard let brace = rest.firstIndex(of: "}"), isName(rest[..<brace].dropFirst()) else { throw .broken }
                let name = String(rest[..<brace].dropFirst())
                guard let value = environment[name], !value.isEmpty else { throw .unset(name) }
                result += value
                rest = rest[brace...].dropFirst()
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    /// The name in a text that is one reference and nothing else.
    static func soleName(in text: String) -> String? {
        guard text.hasPrefix("${"), text.hasSuffix("}"), isName(text.dropFirst(2).dropLast()) else { return nil }
        return String(text.dropFirst(2).dropLast())
    }

    /// POSIX: letters, digits and `_`, not beginning with a digit.
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
