import ExportCore

extension FileReader {
    /// Reads the outputs, or the default one: compressed NDJSON, one file per window.
    mutating func outputs(_ top: Section) -> [OutputSection] {
        guard let entry = top["outputs"], entry.value.shape != .nothing else {
            return [output(Section(name: .outputs, path: "outputs.0", place: top.place))]
        }
        guard let nodes = list(entry.value, "outputs") else { return [] }
        if nodes.isEmpty { problems.add(.noOutputs, at: entry.value.place, text: nil) }
        var outputs: [OutputSection] = []
        for (index, node) in nodes.enumerated() {
            outputs.append(output(section(node, .outputs, path: "outputs.\(index)")))
        }
        return outputs
    }

    private mutating func output(_ section: Section) -> OutputSection {
        let table = choice("table", in: section, Table.self)
        let format = choice("format", in: section, Output.Format.self)
        let compression = compression(section)
        let dialect = choice("dialect", in: section, Output.Dialect.self)
        if let entry = section["dialect"], format.isAbsent || format.value?.traits.hasDialects == false {
            problems.add(.noDialects(format.value ?? .ndjson), at: entry.place, text: "dialect")
        }
        return OutputSection(
            place: section.place,
            table: table.value ?? .conversations,
            tablePlace: section["table"]?.value.place ?? section.place,
            format: format.value ?? .ndjson,
            compression: compression ?? .gzip(level: nil),
            path: path(section),
            columns: columns(section, of: table.value),
            flatten: flatten(section, of: table.value),
            dialect: dialect.value ?? .warehouse,
            exclude: privatePaths("exclude", section),
            hash: privatePaths("hash", section),
            isWhole: table.isSound && compression != nil && format.isSound
        )
    }

    /// Reads an output. `nil` if it is invalid.
    private mutating func compression(_ section: Section) -> Output.Compression? {
        guard let entry = section["compression"] else { return .gzip(level: nil) }
        guard case .map = entry.value.content else {
            let words = ["gzip", "zstd", "none"]
            return value(entry.value, section.path("compression"), .compression, nearest: { NearestName.of($0, in: words) }) {
                word in
                ["gzip": Output.Compression.gzip(level: nil), "zstd": .zstd(level: nil), "none": .none][word]
            }.value
        }
        let map = self.section("compression", .compression, in: section)
        let (gzip, zstd) = (wholeNumber("gzip", in: map), wholeNumber("zstd", in: map))
        if gzip.isAbsent, zstd.isAbsent, case .map(let entries) = entry.value.content, entries.isEmpty {
            problems.add(.missing(map.path("gzip"), example: "6"), at: entry.value.place, text: nil)
        }
        guard gzip.isAbsent || zstd.isAbsent else {
            problems.add(
                .unfit(section.path("compression"), expected: .compression, nearest: nil), at: entry.value.place,
                text: "gzip and zstd")
            return nil
        }
        return gzip.value.map { .gzip(level: $0) } ?? zstd.value.map { .zstd(level: $0) }
    }

    private mutating func path(_ section: Section) -> Field<PathTemplate> {
        guard let entry = section["path"] else { return .absent }
        guard let written = text(entry.value, section.path("path")) else { return .broken }
        do throws(PathTemplate.Fault) {
            return .given(Written(value: try PathTemplate(written.value), place: written.place, text: written.text))
        } catch {
            switch error {
            case .strayBrace:
                problems.add(.strayBrace, at: written.place, text: written.text)
            case .unknownPlaceholder(let name):
                let nearest = NearestName.of(name, in: Placeholder.allCases.map(\.rawValue))
                let text = written.text == written.value ? "{\(name)}" : written.text
                problems.add(.unknownPlaceholder(nearest: nearest), at: written.place, text: text)
            }
            return .broken
        }
    }

    /// Reads `flatten`. If `table` is `nil` because it is not known, the objects of all tables are allowed.
    private mutating func flatten(_ section: Section, of table: Table?) -> [String]? {
        guard let entry = section["flatten"], let nodes = list(entry.value, section.path("flatten")) else { return nil }
        let words = (table ?? .conversations).objects
        if words.isEmpty, !nodes.isEmpty, let table {
            problems.add(.nothingToFlatten(table), at: entry.value.place, text: "flatten")
            return nil
        }
        var fields: [String] = []
        for node in nodes {
            let name = section.path("flatten")
            let field = value(node, name, .oneOf(words), nearest: { NearestName.of($0, in: words) }) {
                words.contains($0) ? $0 : nil
            }
            if let field = field.value { fields.append(field) }
        }
        return fields
    }
}
