import Foundation
import Testing

@testable import ExportS3

@Suite struct LockRecordTests {
    private static let outside = [
        "", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/../b", "a/..", "a/.", "/", "a\u{0}", "_agentsight",
        "_agentsight/columns.json",
        "_agentsight/lock.000000000001", "_agentsight/windows/a.json", "_agentsight/rows", "_agentsight/rows/../columns.json",
        "_agentsight/rows/a/b", "_agentsight/rows/2026-W14.ndjson.gz", "_agentsight/digests/2026-W14.digests", "_agentsight.x/y",
        "a\nb", "a\\b",
        // An accent on the slash is none of the slash.
        "..\u{2F}\u{301}a",
    ]

    @Test("a lock's record that names such a path, or has numbers that no run writes, cannot be read")
    func records() throws {
        func record(_ paths: [String], window: String = "2026-W13", lease: Int = 60, renewals: Int = 0) throws -> LockRecord? {
            let text = """
                {"format":1,"holder":"h","token":"t","lease_seconds":\(lease),"renewals":\(renewals),"released":false,\
                "expires_at":"2026-01-01T00:00:00Z","commit":\
                {"window":"\(window)","paths":\(String(decoding: try JSONEncoder().encode(paths), as: UTF8.self))}}
                """
            return LockRecord(Data(text.utf8))
        }
        let own = [
            "json/a", "a b/é/+", "..a/b..", "...", "_agentsight/rows/2026-W13.ndjson.gz", "_agentsight/digests/2026-W13.digests",
        ]
        #expect(try record(own)?.commit?.paths == own)
        // What only looks like the way up, since an accent makes a name of it, is none.
        #expect(try record(["..\u{301}/a"])?.commit != nil)
        for path in Self.outside { #expect(try record(["json/a", path]) == nil, "\(path)") }
        for window in ["", ".", "..", "a/b", "../x"] { #expect(try record(["json/a"], window: window) == nil, "\(window)") }
        for lease in [Int.min, -1, 0, 3601, .max] { #expect(try record([], lease: lease) == nil, "\(lease)") }
        for renewals in [Int.min, -1, .max] { #expect(try record([], renewals: renewals) == nil, "\(renewals)") }
    }
}
