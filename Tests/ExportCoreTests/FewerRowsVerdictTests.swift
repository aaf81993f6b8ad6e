import ExportCore
import Testing

@Suite struct FewerRowsVerdictTests {
    @Test(
        "none, or less than half, of the rows that stand is too few to be believed at once",
        arguments: [
            (0, 1, true), (1, 1, false), (0, 2, true), (1, 2, false), (2, 5, true), (3, 5, false), (405, 812, true),
            (406, 812, false),
            (900, 812, false), (0, 0, false), (0, -5, false), (0, .max, true),
        ])
    func few(rows: Int, before: Int, isFew: Bool) {
        #expect((FewerRows(rows, before: before, window: "w")?.verdict == .refetch) == isFew)
        #expect(FewerRows(rows, before: nil, window: "w") == nil, "nothing stands that can be compared")
    }

    @Test("few rows are believed where the second walk brings as many and proves them", arguments: texts)
    func verdict(first: Int, second: Int, isProved: Bool, verdict: FewerRows.Verdict, text: String) throws {
        var fewer = try #require(FewerRows(first, before: 812, window: "w"))
        fewer.take(second, isProved: isProved)
        #expect(fewer.verdict == verdict)
        #expect(fewer.description == text)
    }

    private static let texts: [(Int, Int, Bool, FewerRows.Verdict, String)] = [
        (
            0, 0, true, .accepted,
            """
            the service returned 0 rows, but the last export has 812. A second read gave the same number, and these rows were \
            exported
            """
        ),
        (
            0, 810, true, .recovered,
            "the service returned 0 rows, but the last export has 812. A second read gave 810, which were exported"
        ),
        (
            1, 810, false, .recovered,
            "the service returned 1 row, but the last export has 812. A second read gave 810, which were exported"
        ),
        (
            0, 3, true, .rejected,
            """
            the service returned 0 rows, but the last export has 812. A second read gave 3, and the responses contradict each other. The window was not \
            committed, and its last export stays. Try again later
            """
        ),
        (
            3, 3, false, .rejected,
            """
            the service returned 3 rows, but the last export has 812. A second read gave 3, and the responses contradict each other. The window was not \
            committed, and its last export stays. Try again later
            """
        ),
    ]
}
