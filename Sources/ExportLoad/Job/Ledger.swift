import ExportCore
import ExportWarehouse
import FoundationEssentials

/// The entries of a pipeline in a warehouse's ledger.
struct Ledger {
    /// A window of a table.
    struct Key: Hashable {
        let window: [UInt8]
        let table: [UInt8]

        init(_ window: String, _ table: String) {
            self.window = Array(window.utf8)
            self.table = Array(table.utf8)
        }
    }

    struct Row: Sendable {
        let agent: String
        let window: String
        let start: String?
        let end: String
        let table: String
        var content: String
        let rows: Int
        /// The proof taken in the load's transaction. `nil` if it was not requested, or if the entry is damaged.
        var proof: Proof?
    }

    struct Proof: Sendable {
        let tally: TableTally
        /// The columns that the hash covers.
        let columns: [String]

        /// - Throws: `LoadError.unreadableAnswer` if the entry has no proof.
        init(_ answer: Answer) throws {
            tally = try TableTally(answer, from: 6)
            columns = try Answer(answer.text(10)).texts()
        }
    }

    private(set) var rows: [Key: Row] = [:]

    init() {}

    /// Values that somebody has taken out make an entry one of another export, so that its window is loaded again; so do two entries of
    /// one window.
    /// - Throws: `LoadError.unreadableAnswer`.
    init(_ lines: some Sequence<String>) throws {
        for line in lines {
            let answer = try Answer(line)
            guard answer.count > 6 else { throw LoadError.unreadableAnswer }
            // No load reads or writes an entry of another agent than its window's.
            guard let window = answer.optional(1), let table = answer.optional(4), let agent = answer.optional(0),
                agent.equalsExactly(Window.parts(ofKey: window).agent ?? "")
            else { continue }
            let key = Key(window, table)
            var row = Row(
                agent: agent, window: window, start: answer.optional(2), end: answer.optional(3) ?? "",
                table: table, content: answer.optional(5) ?? "", rows: try answer.number(6), proof: try? Proof(answer))
            if rows[key] != nil { (row.content, row.proof) = ("", nil) }
            rows[key] = row
        }
    }

    subscript(window: String, table: String) -> Row? { rows[Key(window, table)] }

    /// Takes some windows for such that hold another export, as the ledger itself says of those that are to be loaded again.
    mutating func reset(where isReset: (Row) -> Bool) {
        for (key, row) in rows where isReset(row) { rows[key]?.content = "" }
    }
}

/// A line of a result: a JSON array.
struct Answer {
    private let values: [Value]

    private enum Value: Decodable {
        case text(String), number(Int), boolean(Bool), other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let boolean = try? container.decode(Bool.self) {
                self = .boolean(boolean)
            } else {
                self = .other
            }
        }
    }

    init(_ line: String) throws {
        do { values = try JSONDecoder().decode([Value].self, from: Data(line.utf8)) } catch { throw LoadError.unreadableAnswer }
    }

    var count: Int { values.count }

    func optional(_ index: Int) -> String? {
        guard values.indices.contains(index), case .text(let text) = values[index] else { return nil }
        return text
    }

    func text(_ index: Int) throws -> String {
        guard let text = optional(index) else { throw LoadError.unreadableAnswer }
        return text
    }

    func number(_ index: Int) throws -> Int {
        guard values.indices.contains(index), case .number(let number) = values[index] else { throw LoadError.unreadableAnswer }
        return number
    }

    func isTrue(_ index: Int) -> Bool {
        if values.indices.contains(index), case .boolean(true) = values[index] { true } else { false }
    }

    func texts() throws -> [String] { try values.indices.map { try text($0) } }
}
