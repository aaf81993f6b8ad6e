import ArgumentParser
import ExportCore
import ExportLoad
import ExportWarehouse

/// The warehouse of a load.
struct LoadTargetOptions: ParsableArguments {
    @Option(help: "The warehouse: postgres or duckdb.")
    var into: WarehouseSystem?

    @Option(help: "The command that starts the warehouse's client: \"psql service=dw\". It never passes a shell.")
    var client: String?

    @Option(help: "The schema of the tables. Default: that of the session.")
    var namespace: String?

    @Option(help: "What the names of the tables begin with.")
    var prefix: String?

    /// - Throws: `CommandFailure` where the options name no warehouse that can be loaded.
    func target() throws -> LoadTarget {
        guard let system = into else {
            throw CommandFailure("give the warehouse with --into: postgres or duckdb.", .wrongCommand)
        }
        let program: String
        switch system {
        case .postgres: program = "psql"
        case .duckdb: program = "duckdb"
        case .clickhouse, .bigquery, .snowflake, .redshift:
            throw CommandFailure("load cannot start a client of \(system.rawValue).", .wrongCommand)
        }
        if system == .duckdb, client == nil {
            throw CommandFailure("give the database file with --client: --client \"duckdb warehouse.db\".", .wrongCommand)
        }
        do {
            return LoadTarget(
                system: system, client: try ClientCommand(client ?? program), namespace: namespace, prefix: prefix ?? "")
        } catch {
            throw CommandFailure("--client: \(error)", .wrongCommand)
        }
    }
}
