import ExportCore
import ExportReport
import Foundation

/// Rows of NDJSON as a table for people.
struct PreviewTable {
    let lines: [String]

    /// - Parameters:
    ///   - text: NDJSON of the output.
    ///   - width: In columns of a terminal.
    init(_ text: [UInt8], of output: Output, detail: Source.Detail, width: Int) {
        let rows = text.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
        let found = Set(rows.flatMap(\.keys))
        let known = Self.names(of: output, detail, found).filter(found.contains)
        let titles = known + found.subtracting(known).sorted()
        lines = TextTable(titles, rows.map { row in titles.map { Self.cell(row[$0]) } }).lines(width: width)
    }

    /// Columns in the order in which a file has them.
    private static func names(of output: Output, _ detail: Source.Detail, _ found: Set<String>) -> [String] {
        guard let columns = output.columns else { return output.table.fields(detail: detail).map(\.name) }
        return columns.flatMap { selector in
            switch selector {
            case .column(let column): [column.name]
            case .every(let path): found.filter { $0.startsExactly(with: "\(Column.name(of: path))__") }.sorted()
            case .agent(let name): [name]
            case .rest: ["rest"]
            }
        }
    }

    private static func cell(_ value: Any?) -> String {
        switch value {
        case nil, is NSNull: return ""
        case let text as String: return text
        case let value?:
            let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
            // A value that was read as JSON is written as JSON.
            return (try? JSONSerialization.data(withJSONObject: value, options: options)).map {
                String(decoding: $0, as: UTF8.self)
            } ?? ""
        }
    }
}
