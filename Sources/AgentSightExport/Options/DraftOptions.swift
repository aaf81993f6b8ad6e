public import ArgumentParser
public import ExportCore
import ExportPipelines
import Foundation

/// A declaration in options, as `dump` and `init` take it.
struct DraftOptions: ParsableArguments {
    @Option(
        name: .customLong("filter"), parsing: .singleValue, help: "A filter as name=value: device=mobile (repeatable).",
        completion: .list(FilterName.allCases.map { "\($0.rawValue)=" } + ["metadata=", "only_deleted="]))
    var filters: [String] = []

    @Option(parsing: .singleValue, help: "A request parameter as name=value, sent unchanged (repeatable).")
    var extra: [String] = []

    @Flag(help: "Send --extra without checking that the service knows the parameter.")
    var extraUnchecked = false

    @Option(parsing: .unconditional, help: "The start of the span, inclusive: a date, a date-time, or an expression such as -30d.")
    var from: String?

    @Option(parsing: .unconditional, help: "The end of the span, exclusive. Default: now; in a pipeline file, today.")
    var to: String?

    @Option(help: "The time zone of dates, an IANA name. Default: UTC.")
    var timezone: String?

    @Option(help: "full: rows with transcripts; lean: rows with counts only.")
    var detail: Source.Detail?

    @Option(help: "The table to export: conversations, messages, feedbacks, action_logs or attachments.")
    var table: Table?

    @Option(help: "The format: ndjson, csv or parquet.")
    var format: Output.Format?

    @Option(
        help:
            "Columns, separated by commas; NAME=PATH renames one: id,started_at,metadata.*,tier=metadata.customer_tier")
    var columns: String?

    @Option(help: "Fields and dot paths to leave out, separated by commas: customer_ip_address,messages.content")
    var exclude: String?

    @Option(help: "The dialect of CSV: warehouse or spreadsheet.")
    var dialect: Output.Dialect?

    /// Whether any of them was given.
    var isGiven: Bool {
        !filters.isEmpty || !extra.isEmpty || columns != nil || exclude != nil || [from, to, timezone].contains { $0 != nil }
            || detail != nil || table != nil || format != nil || dialect != nil
    }

    func draft(name: String, destination: String) throws -> PipelineDraft {
        var draft = PipelineDraft(
            name: name, detail: detail, filters: try Self.pairs(filters, "--filter"), extra: try Self.pairs(extra, "--extra"),
            from: from,
            to: to, timezone: timezone, destination: destination, table: table, format: format,
            columns: columns.map(Self.list) ?? [], exclude: exclude.map(Self.list) ?? [],
            dialect: dialect)
        draft.isExtraUnchecked = extraUnchecked
        return draft
    }

    private static func list(_ text: String) -> [String] {
        text.splitExactly(at: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func pairs(_ texts: [String], _ option: String) throws -> [Filters.Parameter] {
        try texts.map { text in
            guard let equals = text.unicodeScalars.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure("\(option) \(text): expected name=value, such as \(option) device=mobile.", .wrongCommand)
            }
            return .init(name: String(text[..<equals]), value: String(text.unicodeScalars[equals...].dropFirst()))
        }
    }
}

extension Source.Detail: ExpressibleByArgument {}
extension Table: ExpressibleByArgument {}
extension Output.Format: ExpressibleByArgument {}
extension Output.Dialect: ExpressibleByArgument {}
extension WindowLength: ExpressibleByArgument {}
