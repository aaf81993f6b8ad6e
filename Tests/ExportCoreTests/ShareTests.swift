import ExportCore
import Testing

@Suite struct ShareTests {
    private static let units = (1...28).flatMap { day in ["2026-02-\(day)", "shop-eu@2026-02-\(day)"] }

    @Test("each unit belongs to exactly one shard, whatever their number")
    func disjoint() {
        for count in 1...40 {
            for unit in Self.units {
                #expect((0..<count).count { Share.shard($0, of: count).covers(unit) } == 1)
            }
        }
    }

    @Test("which shard a unit belongs to is that of the SHA-256 of its name, on every machine and in every version")
    func fixed() {
        // python3 -c 'import hashlib; print(int.from_bytes(hashlib.sha256(b"2026-11-01").digest()[:8]) % 4)'
        #expect(Share.shard(ofUnit: "2026-11-01", of: 4) == 0)
        #expect(Share.shard(ofUnit: "shop-eu@2026-11-01", of: 7) == 5)
        #expect(Share.shard(ofUnit: "all", of: 32) == 28)
    }

    @Test("shares overlap where a unit could be in both")
    func overlap() {
        let (mine, other) = (Share.shard(0, of: 4), Share.shard(1, of: 4))
        #expect(mine.overlaps(mine) && !mine.overlaps(other) && !other.overlaps(mine))
        #expect(mine.overlaps(.shard(1, of: 5)))
        for share in [mine, .units(["a"]), .whole] { #expect(share.overlaps(.whole) && Share.whole.overlaps(share)) }
        let units = Share.units(["2026-11-01"])
        let shard = Share.shard(ofUnit: "2026-11-01", of: 4)
        #expect(units.overlaps(.shard(shard, of: 4)) && Share.shard(shard, of: 4).overlaps(units))
        #expect(!units.overlaps(.shard((shard + 1) % 4, of: 4)))
        #expect(units.overlaps(.units(["2026-11-01", "x"])) && !units.overlaps(.units(["x"])))
    }
}
