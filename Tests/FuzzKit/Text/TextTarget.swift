import ExportCore
import ExportFormats
import ExportPipelines
import ExportReport
import ExportS3
import ExportWarehouse
import Foundation
import TestSupport

/// Everything that writes others' names and texts where another program reads them, against readers of another language.
///
/// An input is a JSON list of texts. The answer names what each writer makes of them.
struct TextTarget: FuzzTarget {
    let name = "text"

    func input(_ random: inout SeededRandom) -> [UInt8] {
        // A list of texts always encodes.
        (try? JSONEncoder().encode(TextInputs.texts(&random))).map(Array.init) ?? []
    }

    func answer(to input: [UInt8]) throws(Disagreement) -> [UInt8]? {
        guard let texts = try? JSONDecoder().decode([String].self, from: Data(input)) else {
            throw Disagreement("the case is no list")
        }
        var written: [String: [String]] = [
            "html": texts.map(ReportPage.escaped), "label": texts.map(PrometheusText.escaped),
            "shell": texts.map(ShellQuoting.quoted),
            "yaml": texts.map(YAMLScalar.text), "percent": texts.map(PercentEncoding.encode(path:)),
            "shown": texts.map { $0.shown() },
            "lines": texts.map { $0.shownInLines() }, "table": TextTable(texts, [texts]).lines(width: 80),
            "xml": texts.map(XMLText.escaped), "header": texts.map(SignedHeader.folded), "path": texts.map(Self.path),
        ]
        for system in WarehouseSystem.allCases {
            let names = system.names(for: texts)
            written["name \(system)"] = names
            written["quoted \(system)"] = names.map(system.quoted)
            written["text \(system)"] = texts.map(system.literal)
            // One or the other, since scripts take most of the time.
            let formats = Output.Format.allCases.filter(system.formats.contains)
            let format = formats[texts.count % formats.count]
            written["script \(system) \(format)"] = [
                try Self.script(texts, system, format), try Self.script(texts.indices.map { "key\($0)" }, system, format),
            ]
        }
        let layout = try? TableLayout(texts.map { .column(Column(name: $0, path: ["x"])) })
        if let layout {
            var (csv, row): ([UInt8], [UInt8]) = ([], [])
            CSVEncoder(layout: layout, dialect: .warehouse).appendHeader(to: &csv)
            var ndjson = NDJSONEncoder(layout: layout)
            guard (try? ndjson.append(row: Array("{}".utf8).span, to: &row)) != nil else {
                throw Disagreement("a row was refused")
            }
            written["csv"] = [String(decoding: csv, as: UTF8.self)]
            written["json"] = [String(decoding: row, as: UTF8.self)]
        }
        return (try? JSONEncoder().encode(written)).map(Array.init)
    }

    /// The path that a plan has where the pipeline file, which is written too, says it; empty where it is refused.
    private static func path(_ text: String) -> String {
        let file = PipelineText.render(PipelineDraft(name: "p", every: .all, destination: "out", path: text))
        let plan = try? PipelineLoader(environment: [:], now: Instant(seconds: 0)).load(file, file: "p.yml")
        return plan?.windows.first?.paths.first ?? ""
    }

    /// What makes and loads a table with these keys of metadata.
    private static func script(
        _ keys: [String], _ system: WarehouseSystem, _ format: Output.Format
    ) throws(Disagreement) -> String {
        let columns: [ColumnSelector] =
            [
                .column(Column(path: ["id"], type: .integer)),
                .column(Column(path: ["started_at"], type: .timestamp)), .every(path: ["metadata"]),
            ]
        let plan = ExportPlan.sample([.sample(.conversations, format, columns: columns)])
        do {
            let layout = try TableLayout(columns, known: keys.map { .init(path: ["metadata", $0], type: .string) })
            let script = try WarehouseScript(plan, layouts: [layout], for: system, in: nil, files: "gs://b")
            let manifest = Manifest.sample(
                Window(key: "w", range: TimeRange(start: nil, end: Instant(seconds: 0)), paths: []),
                files: [.sample("x.gz", format: format, columns: layout.columns.map(\.name))])
            return script.definitions + (try script.load([manifest]))
        } catch let error as LayoutError {
            // `rest` is a name of its own.
            guard keys.contains("rest") else { throw Disagreement("\(error)") }
            return ""
        } catch {
            throw Disagreement("\(error)")
        }
    }
}
