import ExportCore
import Testing

@testable import ExportEngine

@Suite struct RunReportTests {
    private static let failure = WindowFailure(window: "2026-03-24", reason: "status 500", isRetryable: true)

    @Test("why a run did not end well is said in a sentence")
    func reasons() {
        let well = RunReport(summary: RunSummary(), failures: [], stop: nil)
        var unsettled = well
        (unsettled.summary.committed, unsettled.summary.unsettled) = (3, 1)
        var agents = well
        agents.agents = [
            AgentReport(name: "shop-eu", report: RunReport(summary: RunSummary(), failures: [], stop: nil)),
            AgentReport(
                name: "shop-us", report: RunReport(summary: RunSummary(), failures: [Self.failure, Self.failure], stop: nil)),
            AgentReport(
                name: "returns",
                report: RunReport(summary: RunSummary(), failures: [], stop: ColumnsUnsettled(failure: Self.failure))),
        ]
        let reports: [(RunReport, String?)] = [
            (well, nil),
            (RunReport(summary: RunSummary(), failures: [], stop: CancellationError()), "interrupted"),
            (RunReport(summary: RunSummary(), failures: [Self.failure], stop: nil), "window 2026-03-24: status 500"),
            (
                RunReport(summary: RunSummary(), failures: [], stop: ColumnsUnsettled(failure: Self.failure)),
                "window 2026-03-24 has to be exported first, because it determines the columns: status 500"
            ),
            (
                RunReport(summary: RunSummary(), failures: [], stop: SequenceBroken(failure: Self.failure)),
                "the stream ends before window 2026-03-24: status 500"
            ),
            (unsettled, "1 of 3 windows could not be proved"),
            (
                agents,
                "agent shop-us: window 2026-03-24 (and 1 more): status 500; agent returns: window 2026-03-24 has to be exported first, "
                    + "because it determines the columns: status 500"
            ),
        ]
        for (report, reason) in reports { #expect(report.reason == reason) }
    }
}
