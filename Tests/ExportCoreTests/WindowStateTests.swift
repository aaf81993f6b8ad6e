import ExportCore
import TestSupport
import Testing

@Suite struct WindowStateTests {
    private static let range = TimeRange(start: Instant(seconds: 1000), end: Instant(seconds: 2000))
    private static let window = Window(key: "2026-11-01", range: range, paths: ["x"])

    private func manifest(_ range: TimeRange = range, status: Manifest.Status = .proved) -> Manifest {
        .sample(Window(key: "2026-11-01", range: range, paths: ["x"]), status: status, rows: 3)
    }

    private func state(
        _ commitState: WindowState.CommitState, fingerprint: String = "f", every: WindowLength = .day, again: ExportAgain = .never,
        query: [String: String] = ["other": "filters"]
    ) -> WindowState {
        WindowPolicy(fingerprint: fingerprint, windowing: Windowing(every: every, timezone: "UTC", again: again), query: query)
            .state(of: Self.window, commitState: commitState)
    }

    @Test("a window is due until it stands there, proved, by the same declaration")
    func states() {
        #expect(state(.nothing).state == .due)
        #expect(state(.unreadable).state == .due)
        #expect(state(.manifest(manifest(), missing: nil)).state == .committed)
        #expect(state(.manifest(manifest(), missing: "x")).state == .due)
        #expect(state(.manifest(manifest(), missing: nil), fingerprint: "g").state == .due)
        #expect(state(.manifest(manifest(status: .unsettled), missing: nil)).state == .unsettled)
        let asked = state(.manifest(manifest(), missing: nil), again: .all(reason: "asked for"))
        #expect(asked.state == .again && asked.reason == "asked for")
        #expect(state(.manifest(manifest(), missing: nil), again: .endingAfter(Instant(seconds: 1999))).state == .again)
        #expect(
            state(.manifest(manifest(), missing: nil), again: .endingAfter(Instant(seconds: 2000))).state == .committed,
            "it ended before")
    }

    @Test("the same digests make files the same whose volatile values differ, and none that have other columns or types")
    func sameContent() {
        var (old, new) = (manifest(), manifest())
        old.digests = .init(path: "_agentsight/digests/2026-11-01.digests", bytes: 1, sha256: "d")
        old.files = [.sample("x.ndjson", columns: ["id", "ratio"])]
        old.files[0].types = ["integer", "number"]
        (new.digests, new.files) = (old.digests, old.files)
        new.files[0].sha256 = "other"
        #expect(old.hasSameContent(as: new))
        new.files[0].types = ["integer", "string"]
        #expect(!old.hasSameContent(as: new))
        new.files[0].types = old.files[0].types
        new.files[0].columns = ["id", "rate"]
        #expect(!old.hasSameContent(as: new))
        // An older version wrote no types down.
        new.files = old.files
        old.files[0].types = nil
        #expect(old.hasSameContent(as: new))
        new.digests = .init(path: "_agentsight/digests/2026-11-01.digests", bytes: 1, sha256: "e")
        #expect(!old.hasSameContent(as: new))
    }

    @Test("what is committed is left alone; all else is exported")
    func needs() {
        let states = [
            state(.nothing), state(.unreadable), state(.manifest(manifest(), missing: nil)),
            state(.manifest(manifest(status: .unsettled), missing: nil)),
            state(.manifest(manifest(), missing: nil), again: .endingAfter(Instant(seconds: 1999))),
        ]
        #expect(states.map(\.need) == [.export, .export, .nothing, .export, .export])
        #expect(states.map(\.isLookback) == [false, false, false, false, true])
    }

    @Test("a window of the calendar never takes rows away from what is there; one that is all there is does as it is told")
    func neverSmaller() {
        let wide = manifest(TimeRange(start: Instant(seconds: 500), end: Instant(seconds: 2000)))
        #expect(state(.manifest(wide, missing: nil)).state == .committed)
        #expect(state(.manifest(wide, missing: nil), again: .all(reason: "asked for")).window.range.start == Instant(seconds: 500))
        #expect(state(.manifest(wide, missing: nil), every: .all).state == .again)
        #expect(state(.manifest(wide, missing: nil), every: .all).window.range == Self.range)
        let short = manifest(TimeRange(start: Instant(seconds: 1000), end: Instant(seconds: 1500)))
        #expect(state(.manifest(short, missing: nil)).state == .again)
        #expect(state(.manifest(short, missing: nil)).window.range == Self.range)
    }

    @Test("rows that stand can be compared where they were asked for with the same filters, over no more than the window")
    func comparable() {
        let there = WindowState.CommitState.manifest(manifest(), missing: nil)
        #expect(state(.nothing).comparableRows == nil)
        #expect(state(.unreadable).comparableRows == nil)
        #expect(state(there).comparableRows == 3)
        #expect(state(.manifest(manifest(), missing: "x"), again: .all(reason: "asked for")).comparableRows == 3)
        #expect(state(there, fingerprint: "g").comparableRows == nil)
        #expect(state(there, fingerprint: "g", query: ["device": "mobile"]).comparableRows == nil)
        #expect(state(there, fingerprint: "g", query: [:]).comparableRows == 3, "another declaration that asks for the same")
        let wide = WindowState.CommitState.manifest(
            manifest(TimeRange(start: Instant(seconds: 500), end: Instant(seconds: 2000))), missing: nil)
        #expect(state(wide).comparableRows == 3, "the window covers all of it")
        #expect(state(wide, every: .all).comparableRows == nil, "it is asked for a part alone")
        #expect(state(wide, fingerprint: "g", query: [:]).comparableRows == nil)
    }

    @Test(
        "the length of a window shows in its key",
        arguments: [
            ("2026-11-01T05", WindowLength.hour), ("2026-10-25T02+0100", .hour), ("2026-11-01", .day), ("2026-W45", .week),
            ("2026-11", .month),
            ("all", .all),
        ])
    func length(key: String, length: WindowLength) {
        #expect(WindowLength(ofKey: key) == length)
    }

    @Test("of each kind of look, the first tier that a window falls in says whether it is due; the most thorough one is taken")
    func tiers() {
        func look(_ tiers: [RefreshTier], lookedAt: [LookKind: Int64] = [:], writtenAt: Int64 = 0) -> LookKind? {
            var records = LookRecords()
            for (kind, second) in lookedAt { records.looked(at: "2026-11-01", kind, Instant(seconds: second), found: nil) }
            var manifest = manifest()
            manifest.committedAt = Instant(seconds: writtenAt)
            let windowing = Windowing(every: .day, timezone: "UTC", refresh: tiers)
            return WindowPolicy(fingerprint: "f", windowing: windowing, query: [:], looks: records)
                .state(of: Self.window, commitState: .manifest(manifest, missing: nil)).look
        }
        func tier(_ look: LookKind, within: Int64? = nil, last: Int64? = nil) -> RefreshTier {
            RefreshTier(
                look: look, endingAfter: within.map { Instant(seconds: $0) }, lastBefore: last.map { Instant(seconds: $0) })
        }
        #expect(look([]) == nil)
        #expect(look([tier(.lean)], lookedAt: [.lean: 9000]) == .lean, "each run looks")
        #expect(look([tier(.lean, within: 2000)]) == nil, "it ended before")
        #expect(look([tier(.lean, within: 1999)]) == .lean)
        #expect(look([tier(.lean, last: 5000)], lookedAt: [.lean: 4999]) == .lean)
        #expect(look([tier(.lean, last: 5000)], lookedAt: [.lean: 5000]) == nil)
        #expect(look([tier(.lean, last: 5000)], writtenAt: 5000) == nil, "what was written was looked at")
        #expect(look([tier(.lean, last: 5000)], lookedAt: [.full: 5000]) == nil, "a full look sees all that a lean one does")
        #expect(look([tier(.full, last: 5000)], lookedAt: [.lean: 5000]) == .full)
        #expect(look([tier(.lean, last: 5000), tier(.full, last: 5000)]) == .full)
        #expect(look([tier(.lean, within: 1000, last: 5000), tier(.lean, last: 7000)], lookedAt: [.lean: 6000]) == nil)
        #expect(look([tier(.lean, within: 3000, last: 5000), tier(.lean, last: 7000)], lookedAt: [.lean: 6000]) == .lean)
    }
}
