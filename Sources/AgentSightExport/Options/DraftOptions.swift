public import ArgumentParser
public import ExportCore
import ExportPipelines
import Foundation

/// A declaration in options, as `dump` and `init` take it.
struct DraftOptions: ParsableArguments {
    @Option(
        name: .customLong("filter"), parsing: .singleValue, help: "A filter, as name=value: device=mobile. May be repeated.",
        completion: .list(FilterName.allCases.map { "\($0.rawValue)=" } + ["metadata=", "only_deleted="]))
    var filters: [String] = []

    @Option(parsing: .singleValue, help: "A parameter that is sent as it stands, as name=value. May be repeated.")
    var extra: [String] = []

    @Flag(help: "Send --extra without asking first whether the service knows it.")
    var extraUnchecked = false

    @Option(parsing: .unconditional, help: "The start of the span, inclusive: a date, a date-time, or an expression such as -30d.")
    var from: String?

    @Option(parsing: .unconditional, help: "The end of the span, exclusive. Default: now.")
    var to: String?

    @Option(help: "The zone that dates are read in, an IANA name.")
    var timezone: String?

    @Option(help: "full: with transcripts; lean: with counts.")
    var detail: Source.Detail?

    @Option(help: "What a row is: conversations, messages, feedbacks, action_logs or attachments.")
    var table: Table?

    @Option(help: "ndjson or csv.")
    var format: Output.Format?

    @Option(
        help:
            "Columns, separated by commas, NAME=PATH for one of another name: id,started_at,metadata.*,tier=metadata.customer_tier")
    var columns: String?

    @Option(help: "Of csv: warehouse or spreadsheet.")
    var dialect: Output.Dialect?

    /// Whether any of them was given.
    var isGiven: Bool {
        !filters.isEmpty || !extra.isEmpty || columns != nil || [from, to, timezone].contains { $0 != nil }
            || detail != nil || table != nil || format != nil || dialect != nil
    }

    func draft(name: String, destination: String) throws -> PipelineDraft {
        var draft = PipelineDraft(
            name: name, detail: detail, filters: try Self.pairs(filters, "--filter"), extra: try Self.pairs(extra, "--extra"),
            from: from,
            to: to, timezone: timezone, destination: destination, table: table, format: format,
            columns: columns.map { $0.splitExactly(at: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? [],
            dialect: dialect)
        draft.isExtraUnchecked = extraUnchecked
        return draft
    }

    private static func pairs(_ texts: [String], _ option: String) throws -> [Filters.Parameter] {
        try texts.map { text in
            guard let equals = text.unicodeScalars.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure("\(option) \(text): name=value is expected, as in \(option) device=mobile.", .wrongCommand)
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
