public import ExportCore

extension ExportPlan {
    /// A plan of conversations by the day, into a folder.
    public static func sample(
        _ outputs: [Output], windows: [Window] = [], fetch: FetchSettings = FetchSettings()
    ) -> ExportPlan {
        ExportPlan(
            pipeline: "p",
            source: Source(
                endpoint: "http://a", key: .environment(variable: "K"), stream: .conversations, detail: .full, insecureHosts: []),
            filters: Filters(), windowing: Windowing(every: .day, timezone: "UTC"), windows: windows, fetch: fetch,
            destination: .folder("out"), outputs: outputs)
    }
}

extension Output {
    /// An output that is compressed, by the day.
    public static func sample(
        _ table: Table, _ format: Output.Format = .ndjson, columns: [ColumnSelector]?, dialect: Dialect = .warehouse,
        path: String = "m/{date}"
    ) -> Output {
        Output(table: table, format: format, compression: .gzip(level: nil), path: path, columns: columns, dialect: dialect)
    }
}
