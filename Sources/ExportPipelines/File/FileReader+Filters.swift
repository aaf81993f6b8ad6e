import ExportCore

extension FileReader {
    mutating func filtersSection(_ top: Section) -> FiltersSection {
        let filters =
            if let entry = top["filters"] {
                section(entry.value, .filters, path: "filters") { SetElsewhere(rawValue: $0) != nil || Self.metadataKey($0) != nil }
            } else {
                Section(name: .filters, path: "filters", place: top.place)
            }
        for key in filters.order {
            if let elsewhere = SetElsewhere(rawValue: key), let entry = filters[key] {
                problems.add(.setElsewhere(key, elsewhere), at: entry.place, text: key)
            }
        }
        let values = filterValues(filters)
        let onlyDeleted = filters["only_deleted"].flatMap { flag($0.value, "filters.only_deleted") } ?? false
        if onlyDeleted, values[.includeDeleted] == "false", let entry = filters["only_deleted"] {
            problems.add(.onlyDeletedWithoutDeleted, at: entry.place, text: "only_deleted")
        }
        return FiltersSection(
            filters: Filters(
                values: values, metadata: metadataMatches(filters), onlyDeleted: onlyDeleted, extra: extraParameters(filters),
                isExtraUnchecked: filters["extra_unchecked"].flatMap { flag($0.value, "filters.extra_unchecked") } ?? false),
            startedAtAfter: moment("started_at_after", in: filters),
            startedAtBefore: moment("started_at_before", in: filters)
        )
    }

    private mutating func filterValues(_ filters: Section) -> [FilterName: String] {
        var values: [FilterName: String] = [:]
        for key in filters.order {
            guard let name = key == "env" ? .environment : FilterName(rawValue: key), let entry = filters[key] else { continue }
            if key == "env", let second = filters["environment"] {
                problems.add(.repeatedFilter("environment"), at: max(entry.place, second.place), text: key)
            }
            values[name] = filterValue(entry.value, filters.path(key), name.kind)
        }
        return values
    }

    private mutating func filterValue(_ node: TreeNode, _ name: String, _ kind: FilterName.Kind) -> String? {
        switch kind {
        case .text: return nonEmptyText(node, name)?.value
        case .flag: return flag(node, name).map(String.init)
        case .choice(let words):
            return value(node, name, .oneOf(words), nearest: { NearestName.of($0, in: words) }) { word in
                words.contains(word) ? word : nil
            }.value
        }
    }

    /// Reads a text that must not be empty, because an empty filter would match everything.
    mutating func nonEmptyText(_ node: TreeNode, _ name: String, _ expected: Expectation = .text) -> Written<String>? {
        guard node.shape != .nothing else {
            problems.add(.emptyFilter(name), at: node.place, text: nil)
            return nil
        }
        guard let written = text(node, name, expected) else { return nil }
        guard !written.value.isEmpty else {
            problems.add(.emptyFilter(name), at: node.place, text: written.text)
            return nil
        }
        return written
    }

    private mutating func extraParameters(_ filters: Section) -> [Filters.Parameter] {
        guard let entry = filters["extra"] else { return [] }
        let own = SectionName.filters.keys + ["format"] + SetElsewhere.allCases.map(\.rawValue)
        let extra = section(entry.value, .filters, path: "filters.extra") { _ in true }
        var parameters: [Filters.Parameter] = []
        for key in extra.order {
            guard let entry = extra[key] else { continue }
            if own.contains(key) || key.isEmpty {
                problems.add(.extraRepeats(key), at: entry.place, text: key)
            } else if let value = text(entry.value, extra.path(key)) {
                parameters.append(Filters.Parameter(name: key, value: value.value))
            }
        }
        return parameters
    }
}

extension SourcePosition: Comparable {
    static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
