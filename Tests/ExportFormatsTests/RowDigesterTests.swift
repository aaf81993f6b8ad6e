import ExportCore
import ExportFormats
import Testing

@Suite struct RowDigesterTests {
    private func digest(_ row: String, covering keys: [String]? = nil) throws -> RowDigest {
        var digester = RowDigester(covering: keys)
        let digest = digester.add(Array(row.utf8).span)
        return try #require(digest)
    }

    private static let whole =
        #"{"id":7,"name":"Ána","metadata":{"a":1,"b":[1.50,null]},"started_at":"2026-01-01T00:00:00Z","ended_at":null,"#
        + #""messages":[{"id":1,"content":"x","attachments":[{"id":2,"file_url":"https://f/1?s=a","size":3}]},{"id":3}],"feedbacks":[]}"#

    @Test("a row with its transcript and the same row without it have one lean digest, whatever their spelling")
    func shapes() throws {
        let lean =
            #"{"feedback_count":0,"started_at":"2026-01-01T00:00:00Z","metadata":{"b":[15e-1,null],"a":1.0},"#
            + #""name":"\u00c1na","message_count":2,"id":7}"#
        #expect(try digest(lean).lean == digest(Self.whole).lean)
        #expect(try digest(lean).whole != digest(Self.whole).whole)
    }

    @Test(
        "a lean digest changes with each field of a lean row",
        arguments: [
            (#""Ána""#, #""Ana""#), (#""a":1,"#, #""a":1.01,"#), (#""a":1,"#, #""a":"1","#), (#""a":1,"#, #""a":-1,"#),
            (#"[1.50,null]"#, #"[null,1.50]"#), (#","b":["#, #","c":["#), (#"00Z","ended"#, #"01Z","ended"#),
            (#""ended_at":null"#, #""ended_at":"2026-01-01T00:00:01Z""#), (#""feedbacks":[]"#, #""feedbacks":[{"id":1}]"#),
            (#",{"id":3}"#, ""),
        ])
    func leanChanges(from old: String, to new: String) throws {
        let changed = Self.whole.replacing(old, with: new)
        #expect(changed != Self.whole)
        #expect(try digest(changed).lean != digest(Self.whole).lean)
        #expect(try digest(changed).whole != digest(Self.whole).whole)
    }

    /// The order of keys is that of their characters, not of the quotes behind them, and so the same for all spellings.
    @Test("keys of objects may come in any order and spelling, also where one begins with another")
    func keyOrder() throws {
        let first = #"{"id":7,"metadata":{"a!":1,"a":{"é":[],"b":"x"},"":null}}"#
        let second = #"{"metadata":{"":null,"\u0061":{"b":"x","\u00e9":[]},"a!":1.0},"id":7}"#
        #expect(try digest(first).lean == digest(second).lean)
        #expect(try digest(first).lean != digest(first.replacing(#""a!":1"#, with: #""a!":2"#)).lean)
    }

    @Test("numbers that are equal have one digest, and others do not, also where zeros lead or follow")
    func numbers() throws {
        func lean(_ number: String) throws -> UInt64 { try digest(#"{"id":7,"metadata":{"n":\#(number)}}"#).lean }
        for (left, right) in [("0", "-0.00e5"), ("10", "1e1"), ("0.050", "5E-2"), ("-120.0", "-1.2e+2"), ("1200", "12e2")] {
            #expect(try lean(left) == lean(right), "\(left) and \(right)")
        }
        let different = try Set(["0", "1", "-1", "10", "0.1", "11", "101", "1e100", "1e-100", "12e2", "1.2"].map(lean))
        #expect(different.count == 11)
    }

    /// Values of the reference implementation, for texts that end in each of its steps.
    @Test(
        "the hash is XXH64",
        arguments: [
            (0, 0xEF46_DB37_51D8_E999, 0x0B30_3D92_0EC3_49DF), (1, 0xE934_A84A_DB05_2768, 0x9C66_7866_9FCD_2E6D),
            (3, 0x9D96_6A97_BACC_F29A, 0x182A_C9C0_FEB4_3A29), (4, 0xC65F_94D1_2CE1_7D30, 0x2DD6_5C28_33A3_BAAF),
            (8, 0xA5DC_B014_5D06_632D, 0xC79A_6087_80A5_8561), (14, 0xE4C1_89C6_D9FC_C567, 0x21AF_F18A_2AC5_B4B7),
            (31, 0xD57D_4F87_5127_A3E3, 0x8AF2_6F20_A12C_A810), (32, 0x15C2_D980_2B73_ABEC, 0xFF77_A3F6_5ACF_499C),
            (33, 0xC25D_2277_5553_AEEC, 0xBE51_CC2C_EE4A_DE50), (64, 0xAEAE_73B6_8BF2_66F5, 0x6A94_18F5_7A49_08A8),
            (101, 0x0327_6E47_6FD6_A0D1, 0x2D57_25E5_15EB_ADFF),
        ] as [(Int, UInt64, UInt64)])
    func hash(_ length: Int, plain: UInt64, seeded: UInt64) {
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 * 31 + 7 * $0) }
        #expect(XXHash64.hash(text.span) == plain)
        #expect(XXHash64.hash(text.span, seed: 0x9E37_79B1_85EB_CA8D) == seeded)
    }

    @Test("keys that are not covered change no digest, and are collected where that is asked for, up to a limit")
    func uncovered() throws {
        let row = #"{"id":7,"name":"a","n\u0065w":1,"other":{"name":2}}"#
        var digester = RowDigester(covering: ["name"], collectsUncovered: true)
        let found = digester.add(Array(row.utf8).span)
        #expect(try found == digest(#"{"id":7,"name":"a"}"#, covering: ["name"]))
        #expect(digester.uncoveredKeys == ["new", "other"])
        var silent = RowDigester(covering: ["name"])
        _ = silent.add(Array(row.utf8).span)
        #expect(silent.uncoveredKeys.isEmpty)
        for key in 0..<30 { _ = digester.add(Array("{\"id\":8,\"k\(key)\":0}".utf8).span) }
        #expect(digester.uncoveredKeys.count == RowDigester.mostUncoveredKeys)
    }

    @Test("a whole digest changes with a text, which a lean one does not see; a signed link changes neither")
    func whole() throws {
        let edited = Self.whole.replacing(#""content":"x""#, with: #""content":"y""#)
        #expect(try digest(edited).lean == digest(Self.whole).lean)
        #expect(try digest(edited).whole != digest(Self.whole).whole)
        let signed = Self.whole.replacing("s=a", with: "s=another")
        #expect(try digest(signed) == digest(Self.whole))
        // However the key is spelled.
        let spelled = [Self.whole, signed].map { $0.replacing(#""attachments""#, with: #""\u0061ttachments""#) }
        #expect(try digest(spelled[0]) == digest(spelled[1]))
        #expect(spelled[0] != Self.whole)
        let renamed = Self.whole.replacing(#""size":3"#, with: #""size":4"#)
        #expect(try digest(renamed).whole != digest(Self.whole).whole)
    }

    @Test("fields that are not covered make no difference, and what identifies a row is always covered")
    func coverage() throws {
        let other = Self.whole.replacing("Ána", with: "B").replacing(#""content":"x""#, with: #""content":"y""#)
        #expect(try digest(other, covering: ["metadata"]) == digest(Self.whole, covering: ["metadata"]))
        let later = Self.whole.replacing("01T00", with: "02T00")
        #expect(try digest(later, covering: []).lean != digest(Self.whole, covering: []).lean)
        var digester = RowDigester(covering: nil)
        _ = digester.add(Array(#"{"id":1,"novel":true}"#.utf8).span)
        #expect(digester.coveredKeys.contains("novel") && digester.coveredKeys.contains("deleted_at"))
        #expect(digester.coveredKeys == digester.coveredKeys.sorted())
    }

    @Test("values that are left out make no difference, wherever they stand, and what else is in the same member does")
    func leftOut() throws {
        let paths = [["name"], ["metadata", "a"], ["messages", "content"], ["feedbacks"], ["feedback_count"]]
        func digest(_ row: String) throws -> RowDigest {
            var digester = RowDigester(covering: nil, leavingOut: Exclusion(paths: paths))
            let digest = digester.add(Array(row.utf8).span)
            return try #require(digest)
        }
        for (old, new) in [
            (#""Ána""#, #""B""#), (#""a":1,"#, #""a":{"b":2},"#), (#""content":"x""#, #""content":"y""#),
            (#""feedbacks":[]"#, #""feedbacks":[{"id":1}]"#),
        ] {
            let changed = Self.whole.replacing(old, with: new)
            #expect(changed != Self.whole)
            #expect(try digest(changed) == digest(Self.whole), "\(new)")
        }
        for (old, new) in [(#""b":[1.50,null]"#, #""b":[]"#), (#""ended_at":null"#, #""ended_at":"2026-01-01T00:00:01Z""#)] {
            let changed = try digest(Self.whole.replacing(old, with: new))
            #expect(try changed.lean != digest(Self.whole).lean && changed.whole != digest(Self.whole).whole, "\(new)")
        }
        let renamed = Self.whole.replacing(#""size":3"#, with: #""size":4"#)
        #expect(try digest(renamed).whole != digest(Self.whole).whole)
        // It makes no difference either whether they are there.
        for (old, new) in [(#""name":"Ána","#, ""), (#""a":1,"#, ""), (#","content":"x""#, ""), (#","feedbacks":[]"#, "")] {
            #expect(try digest(Self.whole.replacing(old, with: new)) == digest(Self.whole), "\(old)")
        }
    }

    @Test("digests with a key differ from plain ones and from those of another key, and the same key gives the same")
    func keyed() throws {
        func digest(_ key: String?) throws -> RowDigest {
            var digester = RowDigester(covering: nil, key: key.flatMap { HashKey($0) })
            let digest = digester.add(Array(Self.whole.utf8).span)
            return try #require(digest)
        }
        let (one, other) = (String(repeating: "a", count: 32), String(repeating: "b", count: 32))
        #expect(try digest(one) == digest(one))
        let all = try [digest(nil), digest(one), digest(other)]
        #expect(Set(all.map(\.lean)).count == 3 && Set(all.map(\.whole)).count == 3)
        #expect(all.allSatisfy { $0.id == 7 })
    }

    @Test("the file of digests says what is left out and which key they have, and is as before where neither is so")
    func privateFile() throws {
        let rows = [RowDigest(id: 1, lean: 2, whole: 3)]
        let plain = WindowDigests(keys: ["id"], rows: rows)
        #expect(String(decoding: plain.encoded().prefix { $0 != 10 }, as: UTF8.self) == #"{"format":3,"rows":1,"keys":["id"]}"#)
        let digests = WindowDigests(
            keys: ["id", "messages"], leftOut: Exclusion(paths: [["messages", "con\"tent"], ["name"]], except: [["name", "x"]]),
            keyDigest: "0a", rows: rows)
        #expect(
            String(decoding: digests.encoded().prefix { $0 != 10 }, as: UTF8.self)
                == #"{"format":4,"rows":1,"keys":["id","messages"],"left_out":[["messages","con\"tent"],["name"]],"except":[["name","x"]],"hash_key":"0a"}"#
        )
        #expect(WindowDigests(decoding: digests.encoded()) == digests)
        #expect(
            WindowDigests(
                decoding: Array(
                    String(decoding: plain.encoded().prefix { $0 != 10 }, as: UTF8.self).replacing("3,\"r", with: "5,\"r").utf8)
                    + plain.encoded().drop { $0 != 10 }) == nil)
    }

    private func sums(_ rows: [String], covering keys: [String]? = nil) -> [String: Int] {
        var digester = RowDigester(covering: keys)
        for row in rows { _ = digester.add(Array(row.utf8).span) }
        var sums = ["rows": digester.sums.rows]
        for predicate in CountPredicate.allCases { sums[predicate.rawValue] = digester.sums[predicate] }
        return sums
    }

    private static let wholeRows = [
        #"{"id":1,"is_marked":true,"is_deleted":false,"messages":[{"action_name":"refund"}],"feedbacks":[{"sentiment":"negative"},{"sentiment":"negative"}]}"#,
        #"{"id":2,"is_marked":false,"is_deleted":true,"messages":[{"action_name":null,"action_logs":[]}],"feedbacks":[{"sentiment":"positive"}]}"#,
        #"{"id":3,"is_marked":false,"is_deleted":false,"messages":[],"feedbacks":[]}"#,
    ]

    @Test("sums are what the service counts by each predicate")
    func sums() {
        #expect(
            sums(Self.wholeRows) == [
                "rows": 3, "is_marked=true": 1, "has_messages=true": 2, "has_feedback=true": 2, "has_action=true": 1,
                "feedback_sentiment=positive": 1, "feedback_sentiment=neutral": 0, "feedback_sentiment=negative": 1,
                "include_deleted=false": 2,
            ])
        #expect(sums([]).count == 9 && sums([]).values.allSatisfy { $0 == 0 })
    }

    @Test("a predicate that one of the rows does not show, or that is not covered, has no sum")
    func unknownSums() {
        let lean = #"{"id":4,"is_marked":true,"is_deleted":false,"message_count":2,"feedback_count":0}"#
        #expect(
            sums([lean, lean]) == [
                "rows": 2, "is_marked=true": 2, "has_messages=true": 2, "has_feedback=true": 0, "include_deleted=false": 2,
            ])
        #expect(sums(Self.wholeRows + [lean])["has_action=true"] == nil)
        #expect(sums([lean] + Self.wholeRows)["feedback_sentiment=negative"] == nil)
        #expect(sums(Self.wholeRows + [lean])["has_messages=true"] == 3)
        #expect(sums(Self.wholeRows + [#"{"id":5,"is_marked":null}"#]) == ["rows": 4])
        #expect(sums(Self.wholeRows, covering: ["id", "feedbacks"])["is_marked=true"] == nil)
        #expect(sums(Self.wholeRows, covering: ["id", "feedbacks"])["has_feedback=true"] == 2)
    }

    @Test("a file of digests gives back what was written, in the order of ids; a damaged one gives nothing")
    func file() throws {
        let rows = [
            RowDigest(id: 9, lean: 1, whole: .max), RowDigest(id: -3, lean: 5, whole: 6), RowDigest(id: 9, lean: 2, whole: 3),
        ]
        let digests = WindowDigests(keys: ["id", "a \"b\"\n"], rows: rows)
        #expect(digests.rows == [rows[1], rows[2]])
        let content = digests.encoded()
        #expect(WindowDigests(decoding: content) == digests)
        for damaged in [Array(content.dropLast()), content + [0], [], Array("{}\n".utf8)] {
            #expect(WindowDigests(decoding: damaged) == nil)
        }
        #expect(WindowDigests(decoding: Array(String(decoding: content, as: UTF8.self).utf8).map { $0 == 0x31 ? 0x32 : $0 }) == nil)
    }
}
