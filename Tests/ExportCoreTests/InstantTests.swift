import ExportCore
import TestSupport
import Testing

@Suite struct InstantTests {
    @Test(
        "date-times of the service are read to the microsecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-08-17T10:32:33.305953Z", 1_786_962_753_305_953),
            ("2024-01-15T10:30:00Z", 1_705_314_600_000_000), ("2024-01-15T10:30:00+00:00", 1_705_314_600_000_000),
            ("2024-01-15T12:30:00+02:00", 1_705_314_600_000_000), ("2024-01-15 05:00:00-0530", 1_705_314_600_000_000),
            ("2024-01-15T10:30Z", 1_705_314_600_000_000), ("2024-01-15T10:30:00.5Z", 1_705_314_600_500_000),
            ("2024-01-15T10:30:00.123456789Z", 1_705_314_600_123_456), ("1969-12-31T23:59:59.999999Z", -1),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ])
    func reads(text: String, microseconds: Int64) {
        #expect(Instant(iso8601: text)?.microseconds == microseconds)
    }

    @Test(
        "what is no date-time with an offset is refused",
        arguments: [
            "", "2024-01-15", "2024-01-15T10:30:00", "2024-13-15T10:30:00Z", "2025-02-29T00:00:00Z", "2024-01-15T24:00:00Z",
            "2024-01-15T10:60:00Z", "2024-01-15T10:30:00.Z", "2024-01-15T10:30:00Zx", "24-01-15T10:30:00Z", "2024-01-15T10:30:00+2",
        ])
    func refuses(text: String) {
        #expect(Instant(iso8601: text) == nil)
    }

    @Test("what is written reads back as the same instant")
    func roundTrip() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            let instant = Instant(microseconds: .random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random))
            #expect(Instant(iso8601: instant.description) == instant, "seed 3")
        }
        #expect(Instant(seconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(Instant(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    }
}
