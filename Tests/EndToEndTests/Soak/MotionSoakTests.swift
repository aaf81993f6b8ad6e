import Foundation
import SampleAPI
import Testing

@Suite struct MotionSoakTests {
    /// What stands in a destination, by window.
    private struct Exported {
        var windows: [(key: String, isProved: Bool, ids: [Int])] = []

        var ids: [Int] { windows.flatMap(\.ids) }

        init(_ folder: TemporaryFolder) throws {
            for path in try folder.files(below: "out/_agentsight/windows").keys.sorted() {
                let key = String(path.dropLast(5))
                let manifest =
                    try JSONSerialization.jsonObject(with: folder.read("out/_agentsight/windows/\(path)")) as? [String: Any]
                let rows = String(decoding: try folder.read("out/\(key).ndjson"), as: UTF8.self).split(separator: "\n")
                windows.append(
                    (key, manifest?["status"] as? String == "proved", try rows.map { try Sample.object($0)["id"] as? Int ?? 0 }))
            }
        }
    }

    @Test("while rows come, go and change: what matched throughout is there exactly once, nothing is there twice")
    func motion() async throws {
        try await Soak.forEachSeed(Soak.schedules) { seed in
            let schedule = MotionSchedule(seed: seed)
            let witness = MotionWitness(schedule)
            var configuration = schedule.configuration
            configuration.beforeResponse = { witness.beforeResponse($0, $1) }
            try await withSampleService(configuration, dataset: schedule.dataset) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    try witness.begin(service)
                    try folder.write(schedule.pipeline(), to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0 || outcome.status == 4, "\(schedule)\n\(outcome.testDescription)")
                    let exported = try Exported(folder)
                    let (lost, doubled) = try check(exported, schedule, witness, service)

                    // Once nothing moves any more, a run settles what was unsettled, and all of it is exact.
                    witness.end()
                    try folder.write(schedule.pipeline(walk: "ranges"), to: "p.yml")
                    let settling = try await Command.run("run", "p.yml", "--force", in: folder, endpoint: endpoint)
                    #expect(settling.status == 0, "\(schedule)\n\(settling.testDescription)")
                    let settled = try Exported(folder).ids
                    #expect(try Set(settled) == schedule.filter.ids(service), "\(schedule)")
                    #expect(Set(settled).count == settled.count, "\(schedule)")

                    try Soak.record([
                        "schedules of concurrent changes": 1, "changes to rows during the exports": witness.changes,
                        "rows lost": lost,
                        "rows duplicated": doubled,
                        "faults injected": service.statistics.faults, "requests": service.statistics.requests,
                        "windows proved": exported.windows.count { $0.isProved },
                        "windows unsettled, and settled by the next run": exported.windows.count { !$0.isProved },
                    ])
                }
            }
        }
    }

    private func check(
        _ exported: Exported, _ schedule: MotionSchedule, _ witness: MotionWitness, _ service: SampleService
    ) throws -> (lost: Int, doubled: Int) {
        let ids = exported.ids
        let doubled = ids.count - Set(ids).count
        #expect(doubled == 0, "\(schedule)")
        #expect(Set(ids).subtracting(witness.ever).isEmpty, "rows that never matched: \(schedule)")
        // Whole days and weeks partition the rows, so the order of all is the order of the windows.
        let order = try service.matchingIDs([QueryParameter(name: "include_deleted", value: "true")])
        #expect(ids == order.filter(Set(ids).contains), "out of order: \(schedule)")
        // A walk by page numbers promises nothing of a window that it does not call proved.
        let silent = schedule.walk == "pages" && exported.windows.contains { !$0.isProved }
        let lost = silent ? 0 : witness.always.subtracting(ids).count
        #expect(lost == 0, "\(schedule)")
        return (lost, doubled)
    }
}
