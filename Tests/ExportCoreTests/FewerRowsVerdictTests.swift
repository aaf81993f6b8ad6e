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
            0 rows came where 812 stand; asked again, the service gave as many, and they are taken. If rows should not have gone, see to \
            the service, then run again with --force
            """
        ),
        (0, 810, true, .recovered, "0 rows came where 812 stand; asked again, the service gave 810, and these are taken"),
        (1, 810, false, .recovered, "1 row came where 812 stand; asked again, the service gave 810, and these are taken"),
        (
            0, 3, true, .rejected,
            """
            0 rows came where 812 stand; asked again, the service gave 3, and its answers contradict each other. Nothing of the window \
            was committed, and what stood there stays. Try again later
            """
        ),
        (
            3, 3, false, .rejected,
            """
            3 rows came where 812 stand; asked again, the service gave 3, and its answers contradict each other. Nothing of the window \
            was committed, and what stood there stays. Try again later
            """
        ),
    ]
}
