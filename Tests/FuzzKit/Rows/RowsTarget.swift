import ExportCore
import ExportFormats
import TestSupport

/// CSV, NDJSON and Parquet, against the readers of another language.
///
/// An input is JSON: `{"format":…,"dialect":…,"columns":[{"name":…,"path":[…],"type":…}] or null,"rows":[{…}]}`. Where `columns` is
/// `"spread"`, each key below `a` and `b` that the first row has is a column, and so is what they leave.
struct RowsTarget: FuzzTarget {
    let name = "rows"

    private static let keys = ["a", "b", "č", "x.y", "q\"\\", "=k", "long key of a row", ""]

    func input(_ random: inout SeededRandom) -> [UInt8] {
        var writer = JSONWriter(SeededRandom(seed: random.next()))
        let format = random.pick(Output.Format.allCases)
        writer.write("{\"format\":\"\(format.rawValue)\",\"dialect\":\"\(random.pick(Output.Dialect.allCases))\"")
        writer.write(",\"columns\":")
        if random.oneIn(4) {
            writer.write("\"spread\"")
        } else if format != .ndjson || random.oneIn(2) {
            writer.withSurrogates = false
            writer.list("[", "]", count: 1 + random.below(6), Self.column)
            writer.withSurrogates = true
        } else {
            writer.write("null")
        }
        writer.write(",\"rows\":")
        writer.list("[", "]", count: random.below(5)) { $0.object(depth: 0, keys: Self.keys) }
        writer.write("}")
        return writer.text
    }

    private static func column(_ writer: inout JSONWriter) {
        let path = (0...max(0, writer.random.below(6) - 3)).map { _ in writer.random.pick(keys) }
        let name = writer.random.oneIn(3) ? writer.words() : path.joined(separator: "__")
        let type = writer.random.pick([nil, .string, .json] + ColumnType.allCases.map(Optional.some))
        writer.list("{", "}", count: 1) { writer in
            writer.member("name") { $0.quoted(name) }
            writer.write(",")
            writer.member("path") { writer in
                var rest = path[...]
                writer.list("[", "]", count: path.count) { $0.quoted(rest.removeFirst()) }
            }
            writer.write(",\"type\":\(type.map { "\"\($0.rawValue)\"" } ?? "null")")
        }
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        let text = PlacedText(input)
        guard case .success(let root) = text.validate() else { throw Disagreement("the case is no JSON") }
        let reader = CanonicalJSON(text)
        guard let rows = value("rows", of: root, text),
            let format = value("format", of: root, text).map(reader.key).flatMap(Output.Format.init),
            let dialect = value("dialect", of: root, text).map(reader.key).flatMap(Output.Dialect.init),
            let columns = value("columns", of: root, text)
        else { throw Disagreement("the case is incomplete") }
        do {
            let minified = reader.elements(of: rows).map { row in
                var minified: [UInt8] = []
                text.read { JSONMinifier.append($0, row, to: &minified) }
                return minified
            }
            let layout = try layout(columns, minified, text)
            guard layout != nil || format == .ndjson else { throw Disagreement("the case is incomplete") }
            var encoder = Output(
                table: .conversations, format: format, compression: minified.count.isMultiple(of: 2) ? .none : .gzip(level: nil),
                path: "x", columns: nil, dialect: dialect
            ).rowEncoder(layout)
            var output: [UInt8] = []
            encoder.appendHeader(to: &output)
            for row in minified {
                try encoder.append(row: row.span, to: &output)
            }
            try encoder.appendFooter(to: &output)
            return output
        } catch is LayoutError {
            return Array("!names".utf8)
        } catch {
            throw Disagreement("a row was refused: \(error)")
        }
    }

    private func layout(_ columns: Range<Int>, _ rows: [[UInt8]], _ text: PlacedText) throws(LayoutError) -> TableLayout? {
        switch text.read({ JSONText.kind($0, columns) }) {
        case .null: return nil
        case .string:
            var discovery = KeyDiscovery(prefixes: Self.spread)
            for (index, field) in discovery.fields.enumerated() {
                guard let row = rows.first, let value = JSONText.value(at: [field], of: 0..<row.count, in: row.span) else {
                    continue
                }
                discovery.collect(field: index, value, in: row.span)
            }
            return try TableLayout(
                Self.spread.map { .every(path: $0) } + [.column(Column(path: ["č"])), .rest],
                known: discovery.keys.map { .init(path: $0.path) },
                fields: Self.spread.map { $0[0] } + ["č"])
        default:
            return try TableLayout(CanonicalJSON(text).elements(of: columns).map { .column(column($0, text)) })
        }
    }

    private static let spread = [["a"], ["b"]]

    private func column(_ value: Range<Int>, _ text: PlacedText) -> Column {
        let reader = CanonicalJSON(text)
        let path = self.value("path", of: value, text).map { reader.elements(of: $0).map(reader.key) }
        let type = self.value("type", of: value, text).map(reader.key).flatMap(ColumnType.init)
        return Column(name: self.value("name", of: value, text).map(reader.key) ?? "?", path: path ?? [], type: type)
    }

    private func value(_ key: String, of object: Range<Int>, _ text: PlacedText) -> Range<Int>? {
        text.read { JSONText.value(at: [key], of: object, in: $0) }
    }
}
