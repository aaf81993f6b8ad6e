import Testing

@testable import ExportWarehouse

@Suite("Columns get names that a system takes")
struct ColumnNamingTests {
    private func names(_ names: [String], _ system: WarehouseSystem) -> [String] {
        system.dialect.naming.names(for: names)
    }

    @Test("plain names stay, in upper case where names without quotes are", arguments: WarehouseSystem.allCases)
    func plain(system: WarehouseSystem) {
        let expected = system == .snowflake ? ["ID", "METADATA__TIER", "USER"] : ["id", "metadata__tier", "user"]
        #expect(names(["id", "metadata__tier", "user"], system) == expected)
    }

    /// PostgreSQL, "Identifiers and Key Words": 63 bytes. Redshift, "Names and identifiers": 127 bytes. BigQuery, "Column names": 300
    /// characters. Snowflake, "Identifier requirements": 255 characters.
    @Test(
        "a name that is too long ends in digits of its own",
        arguments: [(WarehouseSystem.postgres, 63), (.redshift, 127), (.bigquery, 300), (.snowflake, 255)])
    func long(system: WarehouseSystem, longest: Int) {
        let fitting = String(repeating: "a", count: longest)
        let found = names([fitting, fitting + "b", fitting + "c", String(repeating: "č", count: longest)], system)
        #expect(found[0].lowercased() == fitting)
        #expect(found.allSatisfy { $0.utf8.count <= longest })
        #expect(Set(found).count == 4)
    }

    @Test("names that differ in the case of letters alone are two, where the system takes them for one")
    func folded() {
        #expect(names(["a", "A"], .postgres) == ["a", "A"])
        #expect(names(["a", "A"], .clickhouse) == ["a", "A"])
        #expect(names(["a", "A"], .duckdb) == ["a", "A_559aead0"])
        #expect(names(["a", "A"], .snowflake) == ["A", "A_559AEAD0"])
        #expect(names(["A", "a", "b"], .duckdb).prefix(2) == ["A", "a_ca978112"])
    }

    /// BigQuery, "Column names": letters, digits and underscores, no digit first, and some prefixes are taken.
    @Test(
        "BigQuery's names hold letters, digits and underscores only",
        arguments: [
            ("utm.source", "utm_source"), ("preferred store", "preferred_store"), ("1st", "_1st"), ("", "_"),
            ("_TABLE_x", "c_TABLE_x"),
            ("_partitiondate", "c_partitiondate"), ("ключ", "________"), ("__ROOT__a", "c__ROOT__a"),
        ])
    func bigQuery(name: String, expected: String) {
        #expect(names([name], .bigquery) == [expected])
    }

    @Test("a name does not depend on those that come after it")
    func stable() {
        let many = ["a b", "a_b", "a-b", "A_B"]
        for count in 1...many.count {
            #expect(names(Array(many.prefix(count)), .bigquery) == Array(names(many, .bigquery).prefix(count)))
        }
        #expect(Set(names(many, .bigquery).map { $0.lowercased() }).count == many.count)
    }

    @Test(
        "what rules a terminal, ends a line or turns the direction of writing is no part of a name",
        arguments: WarehouseSystem.allCases)
    func unprintable(system: WarehouseSystem) {
        let hostile = ["a\nb", "a\tb", "a\r\nb", "a\u{1B}b", "a\0b", "a\u{2028}b", "a\u{9B}b", "a\u{202E}b"]
        let found = names(hostile, system)
        #expect(found.allSatisfy { !$0.hasUnprintables })
        #expect(Set(found.map { $0.lowercased() }).count == hostile.count)
        #expect(found == names(hostile, system))
        if system == .postgres { #expect(found.prefix(3) == ["a_b", "a_b_894891f8", "a__b"]) }
    }

    @Test("a name that somebody chose to be the mark of another leaves both their own")
    func chosen() {
        let found = names(["a", "A_559aead0", "A"], .duckdb)
        #expect(found.prefix(2) == ["a", "A_559aead0"] && found[2] != found[1] && found[2].hasPrefix("A_"))
    }
}
