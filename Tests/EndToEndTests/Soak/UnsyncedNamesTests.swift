import Testing

@Suite struct UnsyncedNamesTests {
    private static let manifest = "_agentsight/windows/2026-03-28.json"

    private func faults(_ processes: String...) -> [String] {
        var names = UnsyncedNames()
        for process in processes {
            names.play(
                SystemCallFault.Journal(process.replacing(" ", with: "\t").replacing("; ", with: "\n").replacing(";\t", with: "\n"))
            )
        }
        names.end()
        return names.faults
    }

    @Test("names that are synced after they were changed are on the disk, others are not")
    func order() {
        let moved = "fsync ok _agentsight/staging/a; rename ok _agentsight/staging/a csv/2026-03-28.csv"
        #expect(faults("\(moved); fsync ok csv") == [])
        #expect(faults("fsync ok csv; \(moved)") == ["csv/2026-03-28.csv is not on the disk: csv was not synced"])
    }

    @Test("a file whose fsync failed is lost, however often it is synced; it has to be written anew")
    func lostFile() {
        let failed = "fsync fault _agentsight/staging/a; fsync ok _agentsight/staging/a"
        let moved = "rename ok _agentsight/staging/a csv/2026-03-28.csv; fsync ok csv"
        #expect(
            faults("\(failed); \(moved)") == [
                "csv/2026-03-28.csv is put in place though its content is lost", "the content of csv/2026-03-28.csv is lost",
            ])
        #expect(faults("\(failed); unlink ok _agentsight/staging/a; \(moved)") == [])
    }

    @Test("after a folder's fsync that failed, the same process moves no manifest; the next one syncs it again")
    func lostNames() {
        let failed = "rename ok _agentsight/staging/a csv/2026-03-28.csv; fsync fault csv"
        let manifest = "rename ok _agentsight/staging/m \(Self.manifest); fsync ok _agentsight/windows"
        #expect(
            faults("\(failed); fsync ok csv; \(manifest)") == [
                "\(Self.manifest) is put in place after the fsync for csv/2026-03-28.csv failed"
            ])
        #expect(faults(failed, manifest) == ["csv/2026-03-28.csv is not on the disk: csv was not synced"])
        #expect(faults(failed, "fsync ok csv; \(manifest)") == [])
    }
}
