/// What tests of loads have in common: three days in two tables, and what `load --format json` prints of them.
enum LoadScene {
    static func pipeline(into system: String, client: String) -> String {
        """
        version: 1
        name: days
        window: { from: 2026-03-28, to: 2026-03-31, every: day }
        destination: out
        load: { into: \(system), client: "\(client)" }
        outputs:
          - { table: conversations, format: csv, path: "c/{date}.csv", compression: none }
          - { table: messages, path: "m/{date}.ndjson.gz" }
        """
    }

    struct Answer: Decodable {
        let windows: [Window]

        struct Window: Decodable {
            let key: String
            let table: String
            let state: String
            let rows: Int
            let reason: String?
        }

        var states: [String] { windows.map { "\($0.key) \($0.table) \($0.state)" } }

        func keys(_ state: String) -> [String] { windows.filter { $0.state == state }.map(\.key) }
    }
}
