import ArgumentParser
import ExportCore
import ExportLoad
import ExportWarehouse

/// The client of a warehouse, and where its tables are.
struct WarehouseOptions: ParsableArguments {
    @Option(help: "The command that starts the warehouse's client: \"psql service=dw\". No shell interprets it.")
    var client: String?

    @Option(help: "The schema of the tables. Default: load.namespace of the file, or that of the session.")
    var namespace: String?

    @Option(help: "A prefix for the names of the tables.")
    var prefix: String?

    /// The warehouse that the options name; what they leave out is the pipeline file's.
    /// - Throws: `CommandFailure` if neither names a warehouse that can be loaded.
    func target(of plan: ExportPlan, into: WarehouseSystem?) throws -> LoadTarget {
        let declared = plan.load.flatMap { load in
            into == nil || into == WarehouseSystem(load.system) ? load : nil
        }
        return try LoadTarget(
            into ?? declared.map { WarehouseSystem($0.system) }, client: client ?? declared?.client,
            setting: client == nil ? "load.client" : "--client", namespace: namespace ?? declared?.namespace,
            prefix: prefix ?? declared?.prefix)
    }
}

/// The warehouse of a load.
struct LoadTargetOptions: ParsableArguments {
    @Option(help: "The warehouse. Default: load.into of the file.")
    var into: WarehouseSystem?

    @OptionGroup var warehouse: WarehouseOptions

    /// The warehouse that is loaded by a script. `nil` for one whose client is started.
    /// - Parameter prints: Whether a script is requested, whatever the warehouse.
    /// - Throws: `CommandFailure` if a script is requested and no warehouse is named.
    func scriptSystem(of plan: ExportPlan, prints: Bool) throws -> WarehouseSystem? {
        let system = into ?? plan.load.map { WarehouseSystem($0.system) }
        guard prints || system != nil && system?.clientProgram == nil else { return nil }
        guard let system else {
            throw CommandFailure("no warehouse is given: use load --print --into snowflake.", .wrongCommand)
        }
        return system
    }
}

extension LoadTarget {
    /// The warehouse that a pipeline file names.
    /// - Throws: `CommandFailure` if it names none.
    init(of plan: ExportPlan) throws {
        try self.init(
            plan.load.map { WarehouseSystem($0.system) }, client: plan.load?.client, setting: "load.client",
            namespace: plan.load?.namespace, prefix: plan.load?.prefix)
    }

    /// - Parameter setting: Where the client stands, for messages.
    fileprivate init(
        _ system: WarehouseSystem?, client: String?, setting: String, namespace: String?, prefix: String?
    ) throws {
        guard let system else {
            throw CommandFailure(
                "no warehouse is given: use load --into postgres, or add load: { into: postgres } to the pipeline file.",
                .wrongCommand)
        }
        guard let program = system.clientProgram else {
            throw CommandFailure(
                "load has no client for \(system.rawValue): use load --print, which prints the statements.", .wrongCommand)
        }
        if system == .duckdb, client == nil {
            throw CommandFailure(
                "no database file is given: use --client \"duckdb warehouse.db\", or load.client in the pipeline file.",
                .wrongCommand)
        }
        do {
            self.init(
                system: system, client: try ClientCommand(client ?? program), namespace: namespace,
                prefix: prefix ?? "")
        } catch {
            throw CommandFailure("\(setting): \(error)", .wrongCommand)
        }
    }
}
