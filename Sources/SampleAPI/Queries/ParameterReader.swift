/// Reads query parameters by name and collects what is wrong with them.
struct ParameterReader {
    private let values: [String: String]
    /// A message for each field that cannot be used.
    private(set) var refused: [String: String] = [:]

    init(_ parameters: [QueryParameter], ignoring ignored: Set<String>) {
        let known = parameters.filter { !ignored.contains($0.name) }
        values = Dictionary(known.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// `nil` if it is missing or empty.
    func text(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let text = text(name) else { return nil }
        switch text.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default:
            refused[name] = "Must be a valid boolean."
            return nil
        }
    }

    mutating func choice(_ name: String, of words: [String]) -> String? {
        guard let text = text(name) else { return nil }
        if words.contains(text) { return text }
        refused[name] = "Select a valid choice. \(text) is not one of the available choices."
        return nil
    }

    mutating func moment(_ name: String) -> Moment? {
        guard let text = text(name) else { return nil }
        if let moment = Moment(parsing: text) { return moment }
        refused[name] = "Enter a valid date/time."
        return nil
    }

    /// `metadata=key:value,key2:value2` and the pair of `metadata_key` and `metadata_value`.
    mutating func metadata() -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for pair in (text("metadata") ?? "").split(separator: ",") {
            let parts = pair.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty {
                pairs.append((String(parts[0]), String(parts[1])))
            } else {
                refused["metadata"] = "Expected key:value pairs, separated by commas."
            }
        }
        if let key = text("metadata_key"), let value = values["metadata_value"] { pairs.append((key, value)) }
        return pairs
    }
}
