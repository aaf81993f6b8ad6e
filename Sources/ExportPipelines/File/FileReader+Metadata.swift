import ExportCore

extension FileReader {
    /// Reads the conditions of `metadata`, and of `metadata_key` with `metadata_value`.
    mutating func metadataMatches(_ filters: Section) -> [Filters.MetadataMatch] {
        var matches: [PlacedMatch] = []
        if let entry = filters["metadata"] {
            switch entry.value.content {
            case .map(let entries) where !entries.isEmpty: matches += metadataMap(entries, below: nil)
            case .map: problems.add(.emptyFilter("filters.metadata"), at: entry.value.place, text: nil)
            case .scalar: matches += metadataText(entry.value)
            case .list, .unreadable: refuseShape(of: entry.value, "filters.metadata", expected: .metadataMap)
            }
        }
        for name in filters.order {
            guard let key = Self.metadataKey(name), var entry = filters[name] else { continue }
            entry.key = key
            matches += metadataMap([entry], below: nil)
        }
        matches += metadataPair(filters)
        return checked(matches)
    }

    /// The metadata key in a filter's name such as `metadata.customer_tier`. `nil` for any other name.
    static func metadataKey(_ name: String) -> String? {
        name.tail(afterExactly: "metadata.").flatMap { $0.isEmpty ? nil : String($0) }
    }

    private struct PlacedMatch {
        var match: Filters.MetadataMatch
        var place: SourcePosition
        var text: String

        init(_ key: String, _ value: String, _ place: SourcePosition, text: String) {
            match = Filters.MetadataMatch(key: key, value: value)
            self.place = place
            self.text = text
        }
    }

    /// Reads a map, in which nested maps become dot paths.
    private mutating func metadataMap(_ entries: [TreeEntry], below parent: String?) -> [PlacedMatch] {
        var matches: [PlacedMatch] = []
        for entry in entries {
            let key = parent.map { "\($0).\(entry.key)" } ?? entry.key
            let name = "filters.metadata.\(key)"
            if case .map(let inner) = entry.value.content, !inner.isEmpty {
                matches += metadataMap(inner, below: key)
            } else if entry.key.isEmpty {
                problems.add(.metadataWithoutValue, at: entry.place, text: entry.key)
            } else if entry.value.shape == .nothing, case .scalar(let word, _) = entry.value.content, !word.isEmpty {
                matches.append(PlacedMatch(key, "null", entry.place, text: key))
            } else if let written = metadataValue(entry.value, name) {
                matches.append(PlacedMatch(key, asTyped(written.value, entry.value), entry.place, text: key))
            }
        }
        return matches
    }

    /// Reads a value. The empty string is a value like any other; a missing value is a mistake.
    private mutating func metadataValue(_ node: TreeNode, _ name: String) -> Written<String>? {
        node.shape == .nothing ? nonEmptyText(node, name, .metadata) : text(node, name, .metadata)
    }

    /// The value in the notation of the service, which infers types and accepts booleans only in lower case.
    private func asTyped(_ text: String, _ node: TreeNode) -> String {
        guard case .scalar(_, isPlain: true) = node.content, ["true", "false"].contains(text.lowercased()) else { return text }
        return text.lowercased()
    }

    /// `key:value,key2:value2`.
    private mutating func metadataText(_ node: TreeNode) -> [PlacedMatch] {
        guard let written = nonEmptyText(node, "filters.metadata", .metadataMap) else { return [] }
        var matches: [PlacedMatch] = []
        for pair in written.value.splitExactly(at: ",", omittingEmptySubsequences: false) {
            let parts = pair.splitExactly(at: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                problems.add(.metadataWithoutValue, at: node.place, text: written.text)
                return []
            }
            matches.append(PlacedMatch(String(parts[0]), String(parts[1]), node.place, text: written.text))
        }
        return matches
    }

    private mutating func metadataPair(_ filters: Section) -> [PlacedMatch] {
        let (key, value) = (filters["metadata_key"], filters["metadata_value"])
        if let key, value == nil {
            problems.add(.metadataHalf("metadata_key", other: "metadata_value"), at: key.place, text: "metadata_key")
        }
        if let value, key == nil {
            problems.add(.metadataHalf("metadata_value", other: "metadata_key"), at: value.place, text: "metadata_value")
        }
        guard let key, let value else { return [] }
        let texts = (nonEmptyText(key.value, "filters.metadata_key"), nonEmptyText(value.value, "filters.metadata_value"))
        guard let key = texts.0, let value = texts.1 else { return [] }
        return [PlacedMatch(key.value, value.value, key.place, text: key.text)]
    }

    /// Checks that no key is repeated, and that at most one needs parameters of its own, of which the service has a single pair.
    private mutating func checked(_ matches: [PlacedMatch]) -> [Filters.MetadataMatch] {
        var keys: Set<[UInt8]> = []
        var ownParameters = 0
        for placed in matches {
            if !keys.insert(Array(placed.match.key.utf8)).inserted {
                problems.add(.repeatedMetadata, at: placed.place, text: placed.text)
            }
            ownParameters += placed.match.needsOwnParameters ? 1 : 0
            if placed.match.needsOwnParameters, ownParameters > 1 {
                problems.add(.secondMetadataParameters, at: placed.place, text: placed.text)
            }
        }
        return matches.map(\.match)
    }
}
