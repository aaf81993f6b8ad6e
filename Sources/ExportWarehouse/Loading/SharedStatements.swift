import ExportCore

/// Statements that name what the questions of a load name too.
protocol SharedStatements: Sendable {
    var questions: LoadStatements { get }
}

extension SharedStatements {
    var ledgerColumns: [(name: String, type: String)] { questions.ledgerColumns }
    var deletedColumns: [(name: String, type: String)] { questions.deletedColumns }
    var ledgerName: String { questions.ledgerName }
    var deletedName: String { questions.deletedName }

    func type(_ type: ColumnType) -> String { questions.type(type) }
    func quoted(_ name: String) -> String { questions.quoted(name) }
    func quoted(_ column: LoadTable.LoadColumn) -> String { questions.quoted(column) }
    func literal(_ text: String) -> String { questions.literal(text) }
    func list(_ names: [String]) -> String { questions.list(names) }
    func qualified(_ name: String) -> String { questions.qualified(name) }
    func instant(_ text: String) -> String { questions.instant(text) }
    func condition(_ key: LoadKey, windows: [String], _ alias: String = "") -> String {
        questions.condition(key, windows: windows, alias)
    }
    func ledgerCondition(_ key: LoadKey, windows: [String]) -> String { questions.ledgerCondition(key, windows: windows) }
}
