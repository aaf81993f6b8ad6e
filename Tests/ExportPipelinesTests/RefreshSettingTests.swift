import ExportCore
import ExportPipelines
import Testing

/// `window.refresh`.
@Suite struct RefreshSettingTests {
    private func complaint(_ refresh: String, _ more: String = "") throws -> [String] {
        try complaints(smallest + "window: { from: 2026-01-01, \(more)refresh: \(refresh) }\n")
    }

    @Test("tiers are reckoned from now, and a tier is due from nine tenths of its interval on")
    func tiers() throws {
        let text = "window: { from: 2026-01-01, refresh: [{ within: 2w, every: run, look: lean }, { every: 10d, look: full }] }\n"
        let windowing = try plan(smallest + text).windowing
        #expect(
            windowing.refresh == [
                RefreshTier(look: .lean, endingAfter: try at("2026-10-20T10:20:30Z")),
                RefreshTier(look: .full, lastBefore: try at("2026-10-25T10:20:30Z")),
            ])
        #expect(try plan(smallest + "window: { from: 2026-01-01 }\n").windowing.refresh == [])
    }

    @Test("a tier that can never apply is refused, with the reason")
    func impossible() throws {
        let shadowed = try complaint("[{ within: 2w, every: run, look: lean }, { within: 1w, every: 1d, look: lean }]")
        #expect(shadowed.count == 1 && shadowed[0].contains("tier 1 holds for all of its windows"), "\(shadowed)")
        #expect(try complaint("[{ every: run, look: lean }, { every: 1d, look: lean }]").count == 1)
        #expect(try complaint("[{ every: run, look: lean }, { every: 30d, look: full }]") == [])
        #expect(try complaint("[{ within: 1w, every: run, look: lean }, { every: 1d, look: lean }]") == [])
        let recent = try complaint("[{ within: 3d, every: run, look: lean }]", "lookback: 3d, ")
        #expect(recent.count == 1 && recent[0].contains("lookback exports all of its windows again"), "\(recent)")
        for (within, more) in [("0d", ""), ("0d", "lookback: 3d, "), ("2h", "settle: 2h, "), ("1h", "settle: 2h, lookback: 1h, ")] {
            let empty = try complaint("[{ within: \(within), every: run, look: lean }]", more)
            #expect(empty.count == 1 && empty[0].contains("no window ends within this time"), "\(empty)")
        }
        #expect(try complaint("[{ within: 3h, every: run, look: lean }]", "settle: 2h, ") == [])
        for (within, every) in [("7d", "30d"), ("14d", "90d"), ("7d", "8d"), ("9d", "10d")] {
            let slow = try complaint("[{ within: \(within), every: \(every), look: full }]")
            #expect(slow.count == 1 && slow[0].contains("nine tenths of every have passed since its export"), "\(slow)")
        }
        #expect(try complaint("[{ within: 10d, every: 10d, look: full }]") == [])
        let lean = try complaints(
            smallest + "source: { detail: lean }\nwindow: { from: 2026-01-01, refresh: [{ every: 1d, look: full }] }\n")
        #expect(lean.count == 1 && lean[0].contains("look: full needs rows with transcripts"), "\(lean)")
    }

    @Test("a tier is refused where a more thorough one looks at all of its windows at least as often")
    func needless() throws {
        let needless = [
            "[{ every: run, look: lean }, { every: 7d, look: counts }]",
            "[{ within: 90d, every: 1d, look: counts }, { every: 1d, look: lean }]",
            "[{ within: 90d, every: 1d, look: counts }, { within: 30d, every: 1d, look: lean }, { every: 12h, look: full }]",
        ]
        for tiers in needless {
            let lines = try complaint(tiers)
            #expect(
                !lines.isEmpty && lines.allSatisfy { $0.contains("at least as often, and counts as this look, too") },
                "\(tiers) \(lines)")
        }
        let useful = [
            "[{ within: 14d, every: run, look: lean }, { within: 90d, every: 1d, look: counts }, { every: 7d, look: counts }, { every: 30d, look: lean }]",
            "[{ every: 1d, look: counts }, { within: 30d, every: run, look: lean }]",
            "[{ within: 90d, every: 1d, look: counts }, { every: 2d, look: lean }]",
        ]
        for tiers in useful { #expect(try complaint(tiers) == [], "\(tiers)") }
    }

    @Test("deleted rows alone cannot be counted")
    func onlyDeleted() throws {
        let lines = try complaints(
            smallest + "filters: { only_deleted: true }\nwindow: { from: 2026-01-01, refresh: [{ every: 1d, look: counts }] }\n")
        #expect(lines.count == 1 && lines[0].contains("does not count deleted rows alone"), "\(lines)")
    }

    @Test(
        "what is missing or wrong in a tier is told",
        arguments: [
            ("[{ every: 1d }]", "window.refresh.0.look is missing"), ("[{ look: lean }]", "window.refresh.0.every is missing"),
            ("[{ every: 0, look: lean }]", "window.refresh.0.every must be run, or a duration"),
            ("[{ every: 1d, look: thorough }]", "window.refresh.0.look must be one of counts, lean, full"),
            ("[{ every: 1d, look: lean, withn: 3d }]", "did you mean \"within\"?"),
            ("{ every: 1d }", "window.refresh must be a list"),
        ])
    func wrong(refresh: String, words: String) throws {
        let lines = try complaint(refresh)
        #expect(lines.contains { $0.contains(words) }, "\(lines)")
    }
}
