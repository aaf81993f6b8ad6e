import ExportCore

/// Writes pipeline files.
public enum PipelineText {
    /// The text of a pipeline file for a draft, ending in a line feed. Loading it gives the plan of the draft.
    ///
    /// Every value is literal: dollar signs are doubled, so that nothing refers to the environment.
    ///
    /// - Parameter comments: Whether each setting is explained, and omitted settings are shown as comments.
    public static func render(_ draft: PipelineDraft, comments: Bool = false) -> String {
        var page = PipelinePage(withComments: comments)
        page.setting("version", "1", "version of the file format")
        page.setting("name", YAMLScalar.text(draft.name), "name of the pipeline in manifests")
        page.section("source", sourceLines(draft))
        page.section("filters", filterLines(draft))
        page.section("window", windowLines(draft))
        page.section("fetch", fetchLines)
        page.setting("destination", YAMLScalar.text(draft.destination), "a folder, or s3://bucket/prefix")
        page.list("outputs", outputLines(draft))
        return page.text
    }

    private static func sourceLines(_ draft: PipelineDraft) -> [PipelinePage.Line] {
        [
            .init(
                "endpoint", draft.endpoint.map(YAMLScalar.text), example: EndpointText.standard,
                "AGENTSIGHT_API_ENDPOINT overrides it"),
            .init("api_key", nil, example: "${AGENTSIGHT_API_KEY}", "an environment variable, never the key itself"),
            .init("api_key_file", draft.apiKeyFile.map(YAMLScalar.text), example: "/run/secrets/agentsight", "instead of api_key"),
            .init("detail", draft.detail?.rawValue, example: "full", "full: with transcripts; lean: with counts only"),
        ]
    }

    private static func filterLines(_ draft: PipelineDraft) -> [PipelinePage.Line] {
        var lines = draft.filters.map { PipelinePage.Line(YAMLScalar.key($0.name), YAMLScalar.text($0.value)) }
        if !draft.extra.isEmpty {
            let pairs = draft.extra.map { "\(YAMLScalar.quoted($0.name)): \(YAMLScalar.quoted(YAMLScalar.literal($0.value)))" }
            lines.append(.init("extra", "{ \(pairs.joined(separator: ", ")) }"))
            if draft.isExtraUnchecked { lines.append(.init("extra_unchecked", "true")) }
        }
        guard lines.isEmpty else { return lines }
        return [
            .init("environment", nil, example: "production", "production or development"),
            .init("feedback_sentiment", nil, example: "negative", "positive, neutral or negative"),
            .init("metadata", nil, example: "{ customer_tier: premium }", "dot paths reach nested keys"),
            .init("only_deleted", nil, example: "true", "only soft-deleted conversations"),
        ]
    }

    private static func windowLines(_ draft: PipelineDraft) -> [PipelinePage.Line] {
        [
            .init(
                "from", draft.from.map(YAMLScalar.text), example: "2024-01-01",
                draft.fromNote ?? "inclusive; a date, a date-time, today, -30d, now-2h"),
            .init("to", draft.to.map(YAMLScalar.text), example: "today", "exclusive"),
            .init("every", draft.every?.rawValue, example: "day", "length of a window: hour, day, week, month or all"),
            .init("timezone", draft.timezone.map(YAMLScalar.text), example: "Europe/Zagreb", "time zone in which days begin"),
            .init("settle", draft.settle.map(YAMLScalar.text), example: "20m", "rows newer than this are not exported yet"),
            .init("lookback", draft.lookback.map(YAMLScalar.text), example: "3d", "windows this recent are exported again"),
        ]
    }

    private static let fetchLines: [PipelinePage.Line] = [
        .init("concurrency", nil, example: "8", "maximum number of requests in flight"),
        .init("rate", nil, example: "900/min", "maximum request rate"),
    ]

    private static func outputLines(_ draft: PipelineDraft) -> [PipelinePage.Line] {
        let compression: String? =
            switch draft.compression {
            case nil: nil
            case .some(.none): "none"
            case .gzip(nil): "gzip"
            case .gzip(let level?): "{ gzip: \(level) }"
            case .zstd(nil): "zstd"
            case .zstd(let level?): "{ zstd: \(level) }"
            }
        let columns = draft.columns.isEmpty ? nil : "[\(draft.columns.map(column).joined(separator: ", "))]"
        return [
            .init("format", (draft.format ?? .ndjson).rawValue, "ndjson, csv or parquet"),
            .init("table", draft.table?.rawValue, example: "conversations", "or messages, feedbacks, action_logs, attachments"),
            .init("compression", compression, example: "gzip", "gzip, zstd, {gzip: 1…9}, {zstd: 1…19} or none"),
            .init(
                "path", draft.path.map(YAMLScalar.text), example: "\"{table}/dt={date}/{table}.ndjson.gz\"",
                "path below the destination"),
            .init(
                "columns", columns, example: "[id, started_at, metadata.*, { name: tier, path: metadata.customer_tier }]",
                "default: every field"),
            .init(
                "exclude",
                draft.exclude.isEmpty
                    ? nil : "[\(draft.exclude.map { YAMLScalar.quoted(YAMLScalar.literal($0)) }.joined(separator: ", "))]",
                example: "[customer_ip_address, messages.content]", "not written; hash writes a keyed hash instead"),
            .init("dialect", draft.dialect?.rawValue, example: "warehouse", "for csv: warehouse or spreadsheet"),
        ]
    }

    /// Splits a column's name from its path. Names have no dots, so `metadata.a=b` is the path of a key with an equals sign.
    private static func column(_ text: String) -> String {
        func scalar(_ text: some StringProtocol) -> String { YAMLScalar.quoted(YAMLScalar.literal(String(text))) }
        let parts = text.splitExactly(at: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].containsExactly(".") else { return scalar(text) }
        return "{ name: \(scalar(parts[0])), path: \(scalar(parts[1])) }"
    }
}
