import ExportCore
import ExportWarehouse

/// A warehouse in a session: its schema, and what its tables need.
struct Warehouse {
    let questions: LoadStatements
    private let system: WarehouseSystem
    private let pipeline: String
    private let tables: [LoadTable]
    /// Tables that are no outputs of the pipeline. Whether it has loaded windows into them is for the ledger to say.
    let former: [LoadTable]
    private let changes: [(table: LoadTable, change: TableChange)]
    private var hasLedger: Bool
    private var hasDeleted: Bool
    /// Whether all tables are there.
    private var isDefined = false
    /// The types of the columns that the warehouse has, by the bytes of their names, by those of the table's.
    private let columns: [[UInt8]: [[UInt8]: String]]

    /// Asks the warehouse for its schema and its tables.
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
        let others = Table.allCases.filter { table in !tables.contains { $0.table == table } }
        let names = others.map { target.prefix + $0.rawValue }
        guard let questions = system.loadStatements(schema: schema),
            let catalog = system.loadCatalog(of: questions.tableNames(tables) + names, in: schema)
        else {
            throw LoadError.unreadableAnswer
        }
        var columns: [[UInt8]: [[UInt8]: String]] = [:]
        for line in try await session.run([catalog]) {
            let answer = try Answer(line)
            columns[Array(try answer.text(0).utf8), default: [:]][Array(try answer.text(1).utf8)] = try answer.text(2)
        }
        do {
            changes = try tables.map { ($0, try questions.changes(to: $0, having: columns[Array($0.name.utf8)])) }
            let ledger = columns[Array(LoadStatements.ledger.utf8)]
            try questions.checkLedger(having: ledger)
            hasLedger = ledger != nil
            hasDeleted = columns[Array(LoadStatements.deleted.utf8)] != nil
        } catch let error as TableObstacle {
            throw LoadError.table(error)
        }
        former = zip(others, names).compactMap { questions.former($0, named: $1, having: columns[Array($1.utf8)]) }
        self.columns = columns
        self.questions = questions
        self.system = system
        self.pipeline = pipeline
        self.tables = tables
    }

    /// Makes and extends the tables.
    mutating func define(_ session: inout any ClientSession) async throws {
        let definitions =
            switch questions.replacing {
            case .transactions(let statements):
                statements.definitions(changes, hasLedger: hasLedger, hasDeleted: hasDeleted)
            case .versions(let statements): statements.definitions(changes, hasLedger: hasLedger, hasDeleted: hasDeleted)
            }
        if !definitions.isEmpty { try await session.run(definitions) }
        (hasLedger, hasDeleted, isDefined) = (true, true, true)
    }

    /// The pipeline's entries in the ledger. Tables that are to be created or change their types count as not loaded.
    /// - Parameter isWhole: Whether with what was taken in the transactions of the loads.
    func ledger(_ session: inout any ClientSession, whole isWhole: Bool = false) async throws -> Ledger {
        hasLedger ? try Ledger(try await session.run([questions.ledgerRows(of: pipeline, whole: isWhole)])) : Ledger()
    }

    /// Whether a window is loaded again once its table was made or extended.
    func reloads(_ row: Ledger.Row) -> Bool {
        guard let change = changes.first(where: { $0.table.name.equalsExactly(row.table) })?.change else { return false }
        return change.kinds.contains { kind in
            switch kind {
            case .create, .widen: true
            case .add(let column, _): row.proof?.columns.contains { $0.equalsExactly(column) } ?? false
            }
        }
    }

    /// Whether a table is not there.
    func lacks(_ table: LoadTable) -> Bool { columns[Array(table.name.utf8)] == nil }

    /// Whether a table has all of these columns.
    func has(_ names: [String], in table: LoadTable) -> Bool {
        let there = columns[Array(table.name.utf8)] ?? [:]
        return names.allSatisfy { there[Array($0.utf8)] != nil }
    }

    /// Columns with the types that a table has for them.
    func typed(_ columns: [LoadTable.Column], in table: LoadTable) -> [(column: LoadTable.Column, type: String)] {
        var types = self.columns[Array(table.name.utf8)] ?? [:]
        for change in changes where isDefined && change.table.name.equalsExactly(table.name) {
            for case .widen(let column, let type) in change.change.kinds { types[Array(column.utf8)] = type }
        }
        return columns.map { ($0, types[Array($0.name.utf8)] ?? questions.type($0.type)) }
    }

    /// Makes the temporary tables for the tables that are there.
    func stage(_ session: inout any ClientSession) async throws {
        guard case .transactions(let statements) = questions.replacing else { return }
        try await session.run(
            statements.staging(
                of: tables.enumerated().filter { isDefined || has($0.element.columns.map(\.name), in: $0.element) }.map { $0 }))
    }
}

extension WarehouseSystem {
    /// Whether a load works with a version, as the server gives it.
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
