import ExportCore
import ExportFormats
import Foundation
import TestSupport
import Testing

@Suite("What is written holds what was read")
struct RoundTripTests {
    @Test("minified and written as NDJSON, a row means the same to another reader", arguments: 0..<200)
    func ndjson(seed: Int) throws {
        var maker = RowMaker(seed: seed)
        let row = maker.object(depth: 0)
        let text = maker.spaced(row)
        #expect(Read.isValid(Array(text.utf8)))
        let minified = Read.minified(text)
        #expect(Read.minified(minified) == minified)
        #expect(try decode(text) == row)
        #expect(try decode(NDJSONEncoder().line(minified)) == row)
    }

    @Test("leaves and rest put together again are the object, whichever keys were known", arguments: 0..<300)
    func columns(seed: Int) throws {
        var maker = RowMaker(seed: seed)
        let rows = (0..<3).map { _ in maker.object(depth: 0) }
        let texts = rows.map { Read.minified(maker.spaced(.object(["m": $0]))) }
        var discovery = KeyDiscovery(prefixes: [["m"]])
        for text in texts {
            discovery.collect(row: text)
        }
        let known = discovery.keys.map(\.path).filter { _ in Bool.random(using: &maker.random) }
        let layout = try TableLayout([.every(path: ["m"])], known: known.map { .init(path: $0) })
        let ndjson = NDJSONEncoder(layout: layout)
        let csv = CSVEncoder(layout: layout, dialect: .warehouse)
        let records = CSVReader.records(in: try csv.file(texts)).dropFirst()
        #expect(records.count == rows.count)
        for (row, (text, record)) in zip(rows, zip(texts, records)) {
            let cells = try decode(ndjson.line(text)).members
            var rebuilt = cells["m__rest"] ?? .null
            if rebuilt == .null { rebuilt = .object([:]) }
            for path in known {
                let cell = cells[Column.name(of: path)] ?? .null
                if cell != .null { rebuilt.set(cell, at: path.dropFirst()) }
            }
            #expect(rebuilt == row.removingNulls(at: known.map { $0.dropFirst() }))
            #expect(record.count == layout.columns.count)
            for (column, field) in zip(layout.columns, record) {
                #expect(try cells[column.name] == value(of: field, isJSON: column.name == "m__rest"))
            }
        }
    }

    @Test("a reader of RFC 4180 finds every text as it was, in both dialects", arguments: 0..<300)
    func csv(seed: Int) throws {
        var maker = RowMaker(seed: seed)
        let texts = (0..<5).map { _ in maker.text() }
        let members = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ("k\($0)", Model.string($1)) })
        let row = Read.minified(maker.spaced(.object(members)))
        let columns = texts.indices.map { ColumnSelector.column(Column(path: ["k\($0)"])) }
        for dialect in Output.Dialect.allCases {
            let encoder = CSVEncoder(layout: try TableLayout(columns), dialect: dialect)
            let records = CSVReader.records(in: try encoder.line(row))
            let fields = records.first?.map { field in
                dialect == .spreadsheet && field?.utf8.first == 0x27
                    ? field.map { String(decoding: $0.utf8.dropFirst(), as: UTF8.self) } : field
            }
            #expect(records.count == 1)
            #expect(fields?.map { $0.map { Array($0.utf8) } } == texts.map { Array($0.utf8) })
        }
    }

    private func decode(_ text: String) throws -> Model {
        try JSONDecoder().decode(Model.self, from: Data(text.utf8))
    }

    /// What a field means: text as it stands where it is no JSON number, boolean, array or empty object.
    private func value(of field: String?, isJSON: Bool) throws -> Model {
        guard let field else { return .null }
        let isLiteral = field.first.map { "-0123456789[{".contains($0) } ?? false || field == "true" || field == "false"
        return isJSON || isLiteral ? try decode(field) : .string(field)
    }
}

/// A JSON value as another reader, Foundation's, sees it.
enum Model: Hashable, Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([Model])
    case object([String: Model])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([Model].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: Model].self))
        }
    }

    var members: [String: Model] {
        if case .object(let members) = self { members } else { [:] }
    }

    mutating func set(_ value: Model, at path: ArraySlice<String>) {
        guard let key = path.first else {
            self = value
            return
        }
        var members = members
        members[key, default: .object([:])].set(value, at: path.dropFirst())
        self = .object(members)
    }

    /// Without the nulls at the paths: a column does not tell null from missing. An object that so loses its last key is gone too.
    func removingNulls(at paths: [ArraySlice<String>]) -> Model {
        guard case .object = self else { return self }
        var kept: [String: Model] = [:]
        for (key, value) in members {
            let below = paths.filter { $0.first == key }.map { $0.dropFirst() }
            if value == .null, below.contains([]) { continue }
            let rest = value.removingNulls(at: below)
            if rest != .object([:]) || value == .object([:]) { kept[key] = rest }
        }
        return .object(kept)
    }
}

/// Makes JSON values, and texts of them with white space and escapes where they are allowed.
private struct RowMaker {
    var random: SeededRandom

    init(seed: Int) {
        random = SeededRandom(seed: seed)
    }

    mutating func object(depth: Int) -> Model {
        let keys = ["a", "b", "long_key_of_a_row", "x.y", "č", "q\"\\"].filter { _ in Bool.random(using: &random) }
        return .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, value(depth: depth + 1)) }))
    }

    private mutating func value(depth: Int) -> Model {
        switch Int.random(in: 0...(depth > 3 ? 4 : 7), using: &random) {
        case 0: .null
        case 1: .boolean(.random(using: &random))
        case 2: .number(Double(Int.random(in: -99_999...99_999, using: &random)) / 8)
        case 3, 4: .string("s" + text())
        case 5: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
        default: object(depth: depth)
        }
    }

    mutating func text() -> String {
        let pieces = [
            "a", "word ", ",", "\"", "\n", "\r\n", "=", "-", "+1", "@", "\t", "č", "😀", "\\", "/", "\u{0}", "\u{FEFF}", "{", "'",
            "0123456789",
        ]
        let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        // A leading apostrophe could not be told from the guard's.
        return text.utf8.first == 0x27 ? "_" + text : text
    }

    mutating func spaced(_ model: Model) -> String {
        switch model {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): quoted(value)
        case .array(let elements): "[" + joined(elements.map { spaced($0) }) + "]"
        case .object(let members):
            "{" + joined(members.sorted { $0.key < $1.key }.map { quoted($0.key) + space() + ":" + space() + spaced($0.value) })
                + "}"
        }
    }

    private mutating func joined(_ parts: [String]) -> String {
        space() + parts.map { $0 + space() }.joined(separator: "," + space())
    }

    private mutating func space() -> String {
        ["", "", "", " ", "\n  ", "\t\r\n"].randomElement(using: &random) ?? ""
    }

    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" || scalar.value < 0x20 || Int.random(in: 0..<8, using: &random) == 0 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
