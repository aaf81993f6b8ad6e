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
        (.unreadableManifest, "the manifest cannot be read, or is not what was written"),
        (.newer(format: 2), "written by a newer version of agentsight-export (format 2): upgrade this one to check it"),
        (.wrongKey("2026-03-01"), "the manifest is that of window 2026-03-01"),
        (.otherPipeline("other"), "the window belongs to the pipeline “other”"),
        (.overlap(with: "2026-03-01"), "the window's span overlaps that of window 2026-03-01"),
        (.notProved(countAfter: 309, distinctIDs: 308), "not proved: 308 rows written, where the service counted 309"),
        (
            .notProved(countAfter: 0, distinctIDs: 0),
            "not proved: 0 rows written, as many as the service counted, but its answers contradicted each other"
        ),
        (.unequalRows(1, first: 2), "1 row, where the first file of the table has 2"),
        (.unprovedRows(3, distinctIDs: 4), "3 rows, where 4 were proved"),
        (.missing, "the file is missing"),
        (.unreadable(.system(.read, path: "out/a.csv", .ioError)), "cannot be read: Input/output error"),
        (
            .unreadable(.obstructed(.link, path: "out/a.csv")),
            "cannot be read: it is a symbolic link, and none is followed below a destination"
        ),
        (.unreadable(.outside(path: "out/../a.csv")), "cannot be read: it is no path below the destination"),
        (.size(812, written: 10101), "the file has 812 bytes, where 10101 were written"),
        (.bytes, "the file is not what was written: its SHA-256 is another"),
        (.compression(.corrupt), "the compressed bytes are corrupt"),
        (.compression(.truncated), "the compressed bytes are cut short"),
        (.compression(.tooLarge(limit: 5)), "the compressed bytes hold more than the 5 bytes allowed"),
        (.compression(.trailingBytes), "more bytes follow the end of the compressed content"),
        (.content, "the content is not what was written: its SHA-256 is another"),
        (.format(.notAnObject(row: 7)), "row 7 is not a JSON object"),
        (.format(.badlyQuoted(row: 7)), "row 7 is not quoted as CSV is"),
        (.format(.fields(row: 7, found: 3, expected: 4)), "row 7 has 3 fields where the header has 4"),
        (.format(.tooLong(row: 7)), "row 7 is longer than any row can be"),
        (.format(.noHeader), "there is no header"),
        (.format(.noColumn(name: "id")), "the header has no column id"),
        (.format(.truncated(row: 7)), "the content ends inside row 7"),
        (.rows(6, written: 7), "the file holds 6 rows, where the manifest says 7"),
        (.noID(row: 7), "row 7 has no integer id"),
        (.repeatedID(row: 7), "row 7 has an id that an earlier row has"),
        (.noTime(row: 7), "row 7 has no started_at"),
        (.outsideWindow(row: 7), "row 7 started outside the window"),
        (.outOfOrder(row: 7), "row 7 is not in the order of started_at, then id"),
        (.unlisted, "the file belongs to no window"),
        (.shared, "the file belongs to another window, or to another output, too"),
        (.leftover, "not part of an export: left by a run that died, which the next run clears up, or put there by others"),
        (.unreadableColumns, "the columns cannot be read, or are not what was written"),
        (.lostColumns(3, discovered: 5), "3 columns, where 5 had been discovered: some are lost"),
        (.unreadableRun, "the run's record cannot be read, or is not what was written"),
        (.notInExport(count: 1, ids: [7]), "1 row on the server is not in the export: id 7"),
        (.goneFromServer(count: 3, ids: [7, 8]), "3 rows of the export are gone from the server: ids 7, 8, …"),
        (.otherCount(onServer: 1, inExport: 2), "the server has 1 row, the export 2"),
        (.listedTwice(count: 1, ids: [7]), "the server lists 1 row more than once, with different times: id 7"),
        (
            .doesNotAddUp(WalkBudgetExceeded(requests: 1200, rows: 22_000, count: 100)),
            "the server's list does not add up: 1200 requests brought 22000 rows where it counted 100"
        ),
        (.changedDuringCheck, "the rows on the server change too fast to be compared; try again"),
    ]
}
