import ExportCore

extension FileReader {
    /// Reads where the key of hashed values comes from. The value of `hash_key` is never displayed, because users may paste a key there.
    mutating func hashKey(_ top: Section) -> Source.KeySource? {
        if let second = top["hash_key_file"], top["hash_key"] != nil {
            problems.add(.hashKeyFromTwoPlaces, at: second.place, text: nil)
        }
        if let entry = top["hash_key"] {
            guard case .scalar(let text, _) = entry.value.content, entry.value.shape == .text else {
                refuseShape(of: entry.value, "hash_key", expected: .hashVariable)
                return nil
            }
            guard let variable = VariableReferences.soleName(in: text) else {
                problems.add(.literalHashKey, at: entry.value.place, text: nil)
                return nil
            }
            return .environment(variable: variable)
        }
        guard let entry = top["hash_key_file"], let path = text(entry.value, "hash_key_file") else { return nil }
        guard !path.value.isEmpty else {
            problems.add(.unfit("hash_key_file", expected: .text, nearest: nil), at: path.place, text: nil)
            return nil
        }
        return .file(path: path.value)
    }

    /// Reads the paths of `exclude` or `hash`.
    mutating func privatePaths(_ key: String, _ section: Section) -> [Written<[String]>] {
        guard let entry = section[key], let nodes = list(entry.value, section.path(key)) else { return [] }
        return nodes.compactMap { value($0, section.path(key), .columnPath, Self.dotPath).given }
    }
}
