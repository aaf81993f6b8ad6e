import ExportCore
import ExportWarehouse

/// The warehouse of a session: its schema, and the changes that its tables need.
struct Warehouse {
    let questions: LoadStatements
    private let system: WarehouseSystem
    private let pipeline: String
    private let tables: [LoadTable]
    /// Tables that are not outputs of the pipeline. The ledger shows whether it has loaded windows into them.
    let former: [LoadTable]
    private let changes: [(table: LoadTable, change: TableChange)]
    private var hasLedger: Bool
    private var hasDeleted: Bool
    /// Whether all tables exist.
    private var isDefined = false
    private let catalog: Catalog

    /// The existing tables, by the identities of their names.
    private typealias Catalog = [[UInt8]: CatalogTable]
    private let catalogStatement: String

    /// Queries the warehouse for its schema and its tables.
    /// - Throws: `LoadError`.
    init(_ target: LoadTarget, _ pipeline: String, _ tables: [LoadTable], _ session: inout any ClientSession) async throws {
        let system = target.system
        guard let identity = system.loadIdentity(schema: target.namespace) else { throw LoadError.unreadableAnswer }
        try await session.run(system.loadSettings)
        let answer = try Answer((try await session.run([identity])).first ?? "")
        let version = try answer.text(0)
        guard system.isNewEnough(version) else { throw LoadError.tooOld(version: version, system) }
        guard let schema = answer.optional(1) else { throw LoadError.noCurrentSchema }
        guard answer.isTrue(2) else { throw LoadError.noSchema(schema, system) }
        guard system != .duckdb || answer.isTrue(3) else { throw LoadError.noDatabaseFile(program: target.client.program) }
        let others = Table.allCases.filter { table in !tables.contains { $0.table == table } }
        let names = others.map { target.prefix + $0.rawValue }
        guard let questions = system.loadStatements(schema: schema),
            let catalogStatement = system.loadCatalog(of: questions.tableNames(tables) + names, in: schema)
        else {
            throw LoadError.unreadableAnswer
        }
        let catalog = try await Self.catalog(catalogStatement, questions, &session)
        do {
            changes = try tables.map { ($0, try questions.changes(to: $0, having: catalog[questions.identity(of: $0.name)])) }
            let ledger = catalog[questions.identity(of: LoadStatements.ledger)]
            try questions.checkLedger(having: ledger)
            hasLedger = ledger != nil
            hasDeleted = catalog[questions.identity(of: LoadStatements.deleted)] != nil
        } catch let error as TableObstacle {
            throw LoadError.table(error)
        }
        former = zip(others, names).compactMap { questions.former($0, named: $1, having: catalog[questions.identity(of: $1)]) }
        self.catalog = catalog
        self.catalogStatement = catalogStatement
        self.questions = questions
        self.system = system
        self.pipeline = pipeline
        self.tables = tables
    }

    private static func catalog(
        _ statement: String, _ questions: LoadStatements, _ session: inout any ClientSession
    ) async throws -> Catalog {
        var catalog: Catalog = [:]
        for line in try await session.run([statement]) {
            let answer = try Answer(line)
            catalog[questions.identity(of: try answer.text(0)), default: questions.catalogTable].add(
                try answer.text(1), type: try answer.text(2), isRequired: answer.isTrue(3))
        }
        return catalog
    }

    /// Creates and extends the tables.
    /// - Returns: False if another load has done so since the query. Nothing was changed then, and the query has to be repeated.
    mutating func define(_ session: inout any ClientSession) async throws -> Bool {
        switch questions.replacing {
        case .transactions(let statements):
            let definitions = statements.definitions(changes, hasLedger: hasLedger, hasDeleted: hasDeleted)
            guard !definitions.isEmpty else { break }
            try await session.run(statements.begin)
            guard try await Self.catalog(catalogStatement, questions, &session) == catalog else {
                try await session.run([statements.rollback])
                return false
            }
            try await session.run(definitions + [statements.commit])
        case .versions(let statements):
            let definitions = statements.definitions(changes, hasLedger: hasLedger, hasDeleted: hasDeleted)
            if !definitions.isEmpty { try await session.run(definitions) }
        }
        (hasLedger, hasDeleted, isDefined) = (true, true, true)
        return true
    }

    /// The pipeline's entries in the ledger. Tables that are to be created or change their types count as not loaded.
    /// - Parameter isWhole: Whether the entries include the proofs taken in the transactions of the loads.
    func ledger(_ session: inout any ClientSession, whole isWhole: Bool = false) async throws -> Ledger {
        hasLedger ? try Ledger(try await session.run([questions.ledgerRows(of: pipeline, whole: isWhole)])) : Ledger()
    }

    /// Whether a window is loaded again after its table was created or extended.
    func reloads(_ row: Ledger.Row) -> Bool {
        guard let change = changes.first(where: { $0.table.name.equalsExactly(row.table) })?.change else { return false }
        return change.kinds.contains { kind in
            switch kind {
            case .create, .widen: true
            case .add(let column, _): row.proof?.columns.contains { $0.equalsExactly(column) } ?? false
            }
        }
    }

    /// Whether a table does not exist.
    func lacks(_ table: LoadTable) -> Bool { catalog[questions.identity(of: table.name)] == nil }

    /// Whether a table has all of these columns.
    func has(_ names: [String], in table: LoadTable) -> Bool {
        guard let there = catalog[questions.identity(of: table.name)] else { return names.isEmpty }
        return names.allSatisfy { there[$0] != nil }
    }

    /// The columns with their types in a table.
    func typed(_ columns: [LoadTable.Column], in table: LoadTable) -> [(column: LoadTable.Column, type: String)] {
        var there = catalog[questions.identity(of: table.name)] ?? questions.catalogTable
        for change in changes where isDefined && change.table.name.equalsExactly(table.name) {
            for case .widen(let column, let type) in change.change.kinds { there.add(column, type: type, isRequired: false) }
        }
        return columns.map { ($0, there[$0.name] ?? questions.type($0.type)) }
    }

    /// Creates the temporary tables for the existing tables.
    func stage(_ session: inout any ClientSession) async throws {
        guard case .transactions(let statements) = questions.replacing else { return }
        try await session.run(
            statements.staging(
                of: tables.enumerated().filter { isDefined || has($0.element.columns.map(\.name), in: $0.element) }.map { $0 }))
    }
}

extension WarehouseSystem {
    /// Whether a load supports a version, as reported by the server.
    fileprivate func isNewEnough(_ version: String) -> Bool {
        switch self {
        case .postgres: (Int(version) ?? 0) >= 120_000
        case .clickhouse:
            !Self.numbers(version).lexicographicallyPrecedes(Self.numbers(oldestVersion ?? ""))
        case .duckdb, .bigquery, .snowflake, .redshift: true
        }
    }

    /// The year and the month.
    private static func numbers(_ version: String) -> [Int] { version.splitExactly(at: ".").prefix(2).map { Int($0) ?? 0 } }
}
