import ExportCore
import ExportFormats
import ExportStore
import SystemPackage
import Testing

@testable import ExportEngine

@Suite struct VerifyProblemTests {
    @Test("what is wrong with an export is said in a few words", arguments: texts)
    func words(fault: VerifyProblem.Fault, words: String) {
        #expect(VerifyProblem(fault).words == words)
    }

    private static let texts: [(VerifyProblem.Fault, String)] = [
        (.unreadableManifest, "the manifest cannot be read or has been changed"),
        (.newer(format: 2), "written by a newer version of agentsight-export (format 2): upgrade this version to check it"),
        (.wrongKey("2026-03-01"), "the manifest belongs to window 2026-03-01"),
        (.otherPipeline("other"), "the window belongs to the pipeline “other”"),
        (.overlap(with: "2026-03-01"), "the window's span overlaps that of window 2026-03-01"),
        (.notProved(countAfter: 309, distinctIDs: 308), "not proved: 308 rows written, but the service counted 309"),
        (
            .notProved(countAfter: 0, distinctIDs: 0),
            "not proved: 0 rows written, as many as the service counted, but its responses contradicted each other"
        ),
        (.unequalRows(1, first: 2), "1 row, but the first file of the table has 2"),
        (.unprovedRows(3, distinctIDs: 4), "3 rows, but 4 were proved"),
        (.missing, "the file is missing"),
        (.unreadable(.system(.read, path: "out/a.csv", .ioError)), "cannot be read: Input/output error"),
        (
            .unreadable(.obstructed(.link, path: "out/a.csv")),
            "cannot be read: it is a symbolic link, which is not followed inside a destination"
        ),
        (.unreadable(.outside(path: "out/../a.csv")), "cannot be read: it is not a path below the destination"),
        (.size(812, written: 10101), "the file has 812 bytes; the manifest says 10101"),
        (.bytes, "the file has been changed: its SHA-256 differs from the manifest"),
        (.compression(.corrupt), "the compressed data is corrupt"),
        (.compression(.truncated), "the compressed data is truncated"),
        (.compression(.tooLarge(limit: 5)), "the compressed data has more than the allowed 5 bytes"),
        (.compression(.trailingBytes), "more bytes follow the end of the compressed content"),
        (.content, "the content has been changed: its SHA-256 differs from the manifest"),
        (.format(.notAnObject(row: 7)), "row 7 is not a JSON object"),
        (.format(.badlyQuoted(row: 7)), "row 7 has invalid CSV quoting"),
        (.format(.fields(row: 7, found: 3, expected: 4)), "row 7 has 3 fields, but the header has 4"),
        (.format(.tooLong(row: 7)), "row 7 is longer than the limit"),
        (.format(.noHeader), "there is no header"),
        (.format(.noColumn(name: "id")), "the header has no column id"),
        (.format(.truncated(row: 7)), "the content ends inside row 7"),
        (.rows(6, written: 7), "the file has 6 rows; the manifest says 7"),
        (.noID(row: 7), "row 7 has no integer id"),
        (.repeatedID(row: 7), "row 7 has the same id as an earlier row"),
        (.noTime(row: 7), "row 7 has no started_at"),
        (.outsideWindow(row: 7), "row 7 started outside the window"),
        (.outOfOrder(row: 7), "row 7 breaks the order of started_at, then id"),
        (.unlisted, "the file belongs to no window"),
        (.shared, "the file also belongs to another window or output"),
        (
            .leftover,
            "not part of an export: left by a killed run, in which case the next run removes it, or created by another program"
        ),
        (.unreadableColumns, "the columns cannot be read or have been changed"),
        (.lostColumns(3, discovered: 5), "3 columns, but 5 had been discovered: some are missing"),
        (.unreadableRun, "the run record cannot be read or has been changed"),
        (.notInExport(count: 1, ids: [7]), "1 row in the service is not in the export: id 7"),
        (.goneFromServer(count: 3, ids: [7, 8]), "3 rows of the export are gone from the server: ids 7, 8, …"),
        (.otherCount(onServer: 1, inExport: 2), "the server has 1 row, the export 2"),
        (.listedTwice(count: 1, ids: [7]), "the server lists 1 row more than once, with different times: id 7"),
        (
            .doesNotAddUp(WalkBudgetExceeded(requests: 1200, rows: 22_000, count: 100)),
            "the server's list does not add up: 1200 requests returned 22000 rows, although it counted 100"
        ),
        (.changedDuringCheck, "the rows in the service change too fast to compare them; try again"),
    ]
}
