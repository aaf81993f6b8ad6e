import ExportCore

extension PlanResolver {
    struct ResolvedOutput {
        var output: Output
        var template: PathTemplate
    }

    mutating func output(
        _ section: OutputSection, _ source: SourceSection, every: WindowLength
    ) -> ResolvedOutput {
        let detail = source.detail
        if section.table.fields(detail: detail).isEmpty {
            problems.add(.tableOfOtherDetail(section.table, detail), at: section.tablePlace, text: section.table.rawValue)
        }
        let template =
            section.path.value
            ?? PathTemplate.standard(
                every, section.format, section.compression, hasAgents: !source.agents.isEmpty)
        return ResolvedOutput(
            output: Output(
                table: section.table, format: section.format, compression: section.compression, path: template.text,
                columns: columns(section, source), dialect: section.dialect, privacy: privacy(section, detail)),
            template: template)
    }

    /// Checks that every path is within the destination, and that no two files have the same path.
    mutating func checkPaths(_ templates: [PathTemplate], _ sections: [OutputSection], _ windows: Windows) {
        var sound = PathShapes()
        for (index, (template, section)) in zip(templates, sections).enumerated() {
            guard section.path.isSound else { continue }
            let place = section.path.given?.place ?? section.place
            let text = section.path.given?.text
            if let fault = template.fault {
                problems.add(.path(fault), at: place, text: text)
                continue
            }
            guard windows.isEveryKnown, section.isWhole else { continue }
            guard template.placeholders.contains(where: { $0.distinguishes(windows.every) }) || windows.every == .all else {
                problems.add(.oneFileForAll(windows.every), at: place, text: text)
                continue
            }
            if windows.every == .all, windows.hasNoStart, let needy = template.placeholders.first(where: \.needsStart) {
                problems.add(.placeholderWithoutStart(needy.rawValue), at: place, text: text)
                continue
            }
            let shape = PathShape(template, every: windows.every)
            if let other = sound.first(meeting: shape) {
                problems.add(.sharedPath(other + 1, index + 1), at: place, text: text)
            }
            sound.insert(shape, index: index)
        }
    }

    /// Checks that each agent has files of its own, and that `{agent}` is used only with several agents.
    mutating func checkAgents(_ templates: [PathTemplate], _ sections: [OutputSection], hasAgents: Bool) {
        for (template, section) in zip(templates, sections) where section.path.isSound {
            let namesAgent = template.placeholders.contains(.agent)
            guard namesAgent != hasAgents else { continue }
            problems.add(
                hasAgents ? .oneFileForAgents : .agentWithoutAgents, at: section.path.given?.place ?? section.place,
                text: section.path.given?.text)
        }
    }

    // MARK: Columns

    /// The columns of an output. `nil` for unchanged rows.
    private mutating func columns(_ section: OutputSection, _ source: SourceSection) -> [ColumnSelector]? {
        let detail = source.detail
        let hidden = Privacy(exclude: section.exclude.map(\.value), hash: section.hash.map(\.value))
        let flatten = section.flatten ?? (section.format.traits.flattensByDefault ? section.table.objects : [])
        if let entries = section.columns.value {
            return selectors(entries, of: section.table, flatten: flatten, source, hidden)
        }
        if section.format.traits.keepsRows, flatten.isEmpty { return nil }
        let fields = section.table.fields(detail: detail).filter { !hidden.excludes([$0.name]) }.map { field in
            flatten.contains(field.name) && !hidden.hashes([field.name])
                ? ColumnSelector.every(path: [field.name]) : .column(Column(path: [field.name]))
        }
        return fields + [.rest]
    }

    private mutating func selectors(
        _ entries: [Written<ColumnEntry>], of table: Table, flatten: [String], _ source: SourceSection,
        _ hidden: Privacy
    ) -> [ColumnSelector] {
        let detail = source.detail
        var named: [[UInt8]: Written<ColumnEntry>] = [:]
        return entries.map { entry in
            let selector: ColumnSelector
            switch entry.value {
            case .agent(let name):
                if source.agents.isEmpty { problems.add(.agentWithoutAgents, at: entry.place, text: entry.text) }
                selector = .agent(name: name)
            case .every(let field):
                selector = .every(path: [field])
            case .path(let path) where path.count == 1 && flatten.contains(path[0]):
                selector = .every(path: path)
            case .path(let path):
                checkField(path[0], of: table, entry, detail)
                selector = .column(Column(path: path))
            case .named(let column):
                selector = .column(column)
            }
            if let path = selector.path, hidden.removes(path) {
                problems.add(.hiddenColumn, at: entry.place, text: entry.text)
            }
            let name = selector.name
            if let earlier = named.updateValue(entry, forKey: Array(name.utf8)) {
                problems.add(
                    .repeatedColumn(name: name, earlier: earlier.text, at: earlier.place), at: entry.place, text: entry.text)
            }
            return selector
        }
    }

    private mutating func checkField(
        _ name: String, of table: Table, _ entry: Written<ColumnEntry>, _ detail: Source.Detail
    ) {
        let known = table.fields(detail: detail).map(\.name)
        guard !known.contains(name), !known.isEmpty else { return }
        // A column's name, as a file shows it, in the place of the path.
        let parts = name.replacingExactly("__", with: ".")
        let isPath = parts != name && table.objects.contains { parts.startsExactly(with: "\($0).") }
        let isOfOther = Source.Detail.allCases.contains { table.fields(detail: $0).contains { $0.name == name } }
        let nearest = isPath ? parts : problems.nearest(to: name, in: known)
        problems.add(
            isOfOther ? .fieldOfOtherDetail(name, detail) : .unknownField(of: table, nearest: nearest), at: entry.place,
            text: entry.text)
    }
}

extension ColumnSelector {
    fileprivate var path: [String]? {
        switch self {
        case .column(let column): column.path
        case .every(let path): path
        case .agent, .rest: nil
        }
    }

    /// The name, which must be unique among selectors.
    fileprivate var name: String {
        switch self {
        case .column(let column): column.name
        case .every(let path): Column.name(of: path + ["*"])
        case .agent(let name): name
        case .rest: "*"
        }
    }
}
