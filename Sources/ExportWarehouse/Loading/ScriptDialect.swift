import ExportCore

/// The differences between systems that are loaded by a printed script.
protocol ScriptDialect: WarehouseDialect {
    /// Loads the rows of a file into a temporary table.
    /// - Parameter table: The qualified name of the table that has its columns.
    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows
    /// The time, with the type that timestamps have in tables.
    var clock: String { get }
    /// Creates the table, and adds columns that an older table lacks, without changing the type of any.
    func creation(of table: WarehouseTable, named name: String) -> [String]
    /// Ends the script before it creates tables if `load` fills them.
    /// - Parameter ledger: Its qualified name.
    func check(ledger: String) -> [String]
    /// Ends the script if `load` fills the tables, or a column has another type than in the export, which would change values.
    /// - Parameter tables: Their qualified names and columns.
    func check(ledger: String, tables: [(name: String, columns: [WarehouseTable.Column])]) -> [String]
    /// Makes an index by which the rows of a window are found. Empty where the system has none, or needs none.
    /// - Parameter columns: Quoted.
    func index(of table: String, named name: String, on columns: [String]) -> [String]
    /// The condition of each statement, in a system whose scripts have no conditions. `nil` if the block has it.
    var due: String? { get }
    /// A script that does nothing if a row is found, and otherwise runs all of its statements or none.
    func block(_ block: GuardedBlock) -> String
}

extension ScriptDialect {
    var due: String? { nil }

    func creation(of table: WarehouseTable, named name: String) -> [String] { definition(of: table, named: name) }

    func check(ledger: String) -> [String] { [] }

    func check(ledger: String, tables: [(name: String, columns: [WarehouseTable.Column])]) -> [String] { [] }

    func index(of table: String, named name: String, on columns: [String]) -> [String] { [] }
}

/// The message of a script that ends before the first window.
private enum ScriptProblem {
    static func filledByLoad(_ ledger: String) -> String {
        "\(ledger) is the ledger of load: give this script another --prefix or --namespace"
    }

    static func otherType(_ table: String) -> String {
        "a column of \(table) has another type than in this export: change its type, or give this script another --prefix"
    }
}

/// A file's rows in a temporary table.
struct StagedRows: Sendable {
    /// Settings, which stand before everything.
    var session: [String] = []
    /// Makes the table and fills it.
    let statements: [String]
    /// The table, quoted.
    let name: String
    /// The values of the file's columns, in their order.
    let values: [String]
}

/// The statements of a script for one window of one table.
struct GuardedBlock: Sendable {
    /// Among those of the script, from one on.
    let number: Int
    /// The table that says what is loaded, quoted.
    let ledger: String
    /// Selects a row where the window is loaded already.
    let isLoaded: String
    let staging: [String]
    /// Statements that hold together.
    let transaction: [String]
    /// Selects a row where the table is not what it has to be at the transaction's end.
    let isWrong: String
    /// The message in that case, without quotes.
    let message: String
}

extension ScriptDialect {
    /// A quoted text that keeps its line feeds for readability.
    fileprivate func literal(ofLines text: String) -> String {
        "'"
            + text.splitExactly(at: "\n", omittingEmptySubsequences: false).map { literal(String($0)).dropFirst().dropLast() }
            .joined(separator: "\n") + "'"
    }
}

extension Snowflake: ScriptDialect {
    var clock: String { "CURRENT_TIMESTAMP()::TIMESTAMP_TZ(6)" }

    /// "Snowflake Scripting blocks": older clients take a block as a text alone. Definitions end a transaction, and stand before it.
    func block(_ block: GuardedBlock) -> String {
        let script = """
            DECLARE
              rows_differ EXCEPTION (-20001, \(literal(block.message)));
            BEGIN
              IF (NOT EXISTS (\(block.isLoaded))) THEN
            \((block.staging + ["BEGIN TRANSACTION;"] + block.transaction).joined(separator: "\n"))
                IF (EXISTS (\(block.isWrong))) THEN
                  RAISE rows_differ;
                END IF;
                COMMIT;
              END IF;
            EXCEPTION
              WHEN OTHER THEN
                ROLLBACK;
                RAISE;
            END;
            """
        return "EXECUTE IMMEDIATE \(literal(ofLines: script));"
    }
}

extension BigQuery: ScriptDialect {
    var clock: String { "CURRENT_TIMESTAMP()" }

    /// "Procedural language", "Multi-statement transactions".
    func block(_ block: GuardedBlock) -> String {
        """
        IF NOT EXISTS (\(block.isLoaded)) THEN
        \(block.staging.joined(separator: "\n"))
        BEGIN
        BEGIN TRANSACTION;
        \(block.transaction.joined(separator: "\n"))
        ASSERT NOT EXISTS (\(block.isWrong)) AS \(literal(block.message));
        COMMIT TRANSACTION;
        EXCEPTION WHEN ERROR THEN
        ROLLBACK TRANSACTION;
        RAISE;
        END;
        END IF;
        """
    }
}

extension Redshift: ScriptDialect {
    var clock: String { "SYSDATE AT TIME ZONE 'UTC'" }

    /// "Stored procedures": a call is one transaction, which an exception rolls back. A script has no conditions outside of one.
    func block(_ block: GuardedBlock) -> String {
        let name = "agentsight_load_\(block.number)"
        let script = """
            DECLARE
              found BIGINT;
            BEGIN
              SELECT COUNT(*) INTO found FROM (\(block.isLoaded)) AS loaded;
              IF found = 0 THEN
            \((block.staging + block.transaction).joined(separator: "\n"))
                SELECT COUNT(*) INTO found FROM (\(block.isWrong)) AS wrong;
                IF found > 0 THEN
                  RAISE EXCEPTION \(literal(block.message.replacingExactly("%", with: "%%")));
                END IF;
              END IF;
            END;
            """
        return """
            CREATE OR REPLACE PROCEDURE \(name)() AS \(literal(ofLines: script)) LANGUAGE plpgsql;
            CALL \(name)();
            DROP PROCEDURE \(name)();
            """
    }
}

extension Postgres: ScriptDialect {
    var clock: String { "now()" }

    private static let attributes = "pg_catalog.pg_attribute AS found"

    private func isAttribute(of table: String) -> String {
        "found.attrelid = \(literal(table))::regclass AND NOT found.attisdropped"
    }

    func check(ledger: String) -> [String] {
        let rows = "\(Self.attributes) WHERE \(isAttribute(of: ledger)) AND found.attname = 'digest_sum'"
        return ["DO \(literal(raising(ScriptProblem.filledByLoad(ledger), ifFound: rows)));"]
    }

    func check(ledger: String, tables: [(name: String, columns: [WarehouseTable.Column])]) -> [String] {
        tables.map { table, columns in
            let wanted = columns.map { "(\(literal($0.name)), \(literal(PostgresLoad().catalogType(of: $0.type))))" }
            let rows =
                "\(Self.attributes) JOIN (VALUES \(wanted.joined(separator: ", "))) AS wanted (name, type) ON found.attname = wanted.name "
                + "WHERE \(isAttribute(of: table)) AND pg_catalog.format_type(found.atttypid, found.atttypmod) <> wanted.type"
            return "DO \(literal(raising(ScriptProblem.otherType(table), ifFound: rows)));"
        }
    }

    private func raising(_ message: String, ifFound rows: String) -> String {
        """
        BEGIN
          IF EXISTS (SELECT 1 FROM \(rows)) THEN
            RAISE EXCEPTION USING MESSAGE = \(literal(message));
          END IF;
        END
        """
    }

    func index(of table: String, named name: String, on columns: [String]) -> [String] {
        ["CREATE INDEX IF NOT EXISTS \(quoted(Self.cut("\(name)_window"))) ON \(table) (\(columns.joined(separator: ", ")));"]
    }

    /// psql has conditions. Scripts that run side by side wait for one another at the ledger.
    func block(_ block: GuardedBlock) -> String {
        """
        BEGIN;
        LOCK TABLE \(block.ledger) IN SHARE ROW EXCLUSIVE MODE;
        SELECT NOT EXISTS (\(block.isLoaded)) AS agentsight_is_due \\gset
        \\if :agentsight_is_due
        \((block.staging + block.transaction).joined(separator: "\n"))
        DO \(literal(raising(block.message, ifFound: "(\(block.isWrong)) AS wrong")));
        \\endif
        COMMIT;
        """
    }
}

extension DuckDB: ScriptDialect {
    var clock: String { "now()" }

    /// What follows an error in a script goes on, but finds no `agentsight_fit` then.
    func check(ledger: String, tables: [(name: String, columns: [WarehouseTable.Column])]) -> [String] {
        let checks =
            [("(DESCRIBE \(ledger)) WHERE column_name = 'digest_sum'", ScriptProblem.filledByLoad(ledger))]
            + tables.map { table, columns in
                let wanted = columns.map { "(\(literal($0.name)), \(literal(DuckDBLoad().catalogType(of: $0.type))))" }
                return (
                    "(DESCRIBE \(table)) AS found JOIN (VALUES \(wanted.joined(separator: ", "))) AS wanted (name, type) "
                        + "ON found.column_name = wanted.name WHERE found.column_type <> wanted.type",
                    ScriptProblem.otherType(table)
                )
            }
        let cases = checks.map { rows, problem in "WHEN EXISTS (SELECT 1 FROM \(rows)) THEN error(\(literal(problem)))" }
        return [
            "DROP TABLE IF EXISTS agentsight_fit;",
            "CREATE TEMPORARY TABLE agentsight_fit AS SELECT CASE\n\(cases.joined(separator: "\n"))\nELSE 1 END AS fit;",
        ]
    }

    var due: String? { "EXISTS (SELECT 1 FROM agentsight_due)" }

    /// An error ends the transaction, and what follows it goes on with the next one.
    func block(_ block: GuardedBlock) -> String {
        """
        BEGIN TRANSACTION;
        CREATE OR REPLACE TEMPORARY TABLE agentsight_due AS SELECT 1 AS due FROM agentsight_fit WHERE NOT EXISTS (\(block.isLoaded));
        \((block.staging + block.transaction).joined(separator: "\n"))
        CREATE OR REPLACE TEMPORARY TABLE agentsight_checked AS
        SELECT CASE WHEN EXISTS (\(block.isWrong)) AND EXISTS (SELECT 1 FROM agentsight_due) THEN error(\(literal(block.message))) END AS checked;
        COMMIT;
        """
    }
}
