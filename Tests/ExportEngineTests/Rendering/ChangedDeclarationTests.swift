import ExportCore
import TestSupport
import Testing

@testable import ExportEngine

/// What `plan` says of windows that an earlier version of the pipeline file wrote.
@Suite struct ChangedDeclarationTests {
    private static let window = Window(
        key: "2026-11-01", range: TimeRange(start: Instant(seconds: 0), end: Instant(seconds: 86_400)), paths: ["rows/1", "csv/1"])

    private static let plan: ExportPlan = {
        var plan = ExportPlan.sample(
            [
                .sample(.conversations, columns: nil, path: "rows/{date}"),
                .sample(.conversations, .csv, columns: [.rest], path: "csv/{date}"),
            ],
            windows: [window])
        plan.filters = Filters(values: [.device: "mobile"])
        return plan
    }()

    /// The manifest of the window as the plan writes it.
    private func manifest(_ plan: ExportPlan = plan, files: [String]? = nil) throws -> Manifest {
        let window = plan.windows[0]
        var manifest = Manifest.sample(window, rows: 3)
        (manifest.fingerprint, manifest.fingerprints, manifest.query) = (try plan.fingerprint, try plan.fingerprints, plan.query)
        manifest.files = try zip(plan.outputs, window.paths).map { output, path in
            var file = Manifest.File.sample(
                path, table: output.table, format: output.format, columns: output.columns == nil ? nil : ["rest"])
            file.output = try ExportPlan.fingerprint(of: output)
            return file
        }
        return manifest
    }

    private func state(_ plan: ExportPlan, _ manifest: Manifest, missing: String? = nil) throws -> WindowState {
        try plan.policy.state(of: plan.windows[0], commitState: .manifest(manifest, missing: missing))
    }

    @Test("where outputs alone changed, and rows stand as they came, the window is rendered, and the reason names the outputs")
    func outputs() throws {
        var changed = Self.plan
        changed.outputs[1].dialect = .spreadsheet
        let state = try state(changed, manifest())
        #expect(state.state == .render && state.need == .render && state.reason == "output 2 (csv/{date}) has changed")
        #expect(state.comparableRows == 3 && state.rows == 3)

        var more = Self.plan
        more.outputs.append(.sample(.messages, columns: nil, path: "m/{date}"))
        more.windows = [Self.window.with(paths: ["rows/1", "csv/1", "m/1"])]
        #expect(try self.state(more, manifest()).reason == "output 3 (m/{date}) is new")

        var fewer = Self.plan
        fewer.outputs.removeLast()
        fewer.windows = [Self.window.with(paths: ["rows/1"])]
        #expect(try self.state(fewer, manifest()).reason == "csv/1 is no longer declared")

        var turned = Self.plan
        turned.outputs.reverse()
        turned.windows = [Self.window.with(paths: ["csv/1", "rows/1"])]
        #expect(try self.state(turned, manifest()).reason == "the columns, options or order of outputs have changed")
    }

    @Test("where no file has the rows as they came, the window is due, and the reason says so")
    func noStoredRows() throws {
        var csv = Self.plan
        csv.outputs.removeFirst()
        csv.windows = [Self.window.with(paths: ["csv/1"])]
        let old = try manifest(csv)
        csv.outputs[0].dialect = .spreadsheet
        let state = try state(csv, old)
        #expect(state.state == .due)
        #expect(
            state.reason
                == "output 1 (csv/{date}) has changed, and the window has no stored rows (keep_rows), so it is exported again"
        )
        var kept = old
        kept.files.append(.sample(DestinationPath.rows("2026-11-01")))
        csv.keepsRows = true
        #expect(try self.state(csv, kept).state == .render)
    }

    @Test(
        "where the query changed, the window is due, and the reason names the filter or the setting",
        arguments: [
            Change("filter device has changed") { $0.filters.values[.device] = "tablet" },
            Change("filter device is gone") { $0.filters.values = [:] },
            Change("filter language is new") { $0.filters.values[.language] = "hr" },
            Change("filter metadata.tier is new") { $0.filters.metadata = [.init(key: "tier", value: "vip")] },
            Change("source.detail has changed from full to lean") { $0.source.detail = .lean },
            Change("filters.only_deleted has changed") { $0.filters.onlyDeleted = true },
            Change("source.detail, window.timezone or filters.only_deleted has changed") {
                $0.windowing.timezone = "Europe/Zagreb"
            },
        ])
    fileprivate func query(change: Change) throws {
        var changed = Self.plan
        change.make(&changed)
        let state = try state(changed, manifest())
        #expect(state.state == .due && state.reason == change.reason)
        #expect(try !changed.policy.asked(for: manifest()) && !changed.policy.wrote(manifest()))
    }

    @Test("what is due for another reason is exported, and not rendered: a missing file, no proof, lookback")
    func exported() throws {
        var changed = Self.plan
        changed.outputs[1].dialect = .spreadsheet
        #expect(try state(changed, manifest(), missing: "rows/1").state == .due)
        var unsettled = try manifest()
        unsettled.status = .unsettled
        #expect(try state(changed, unsettled).state == .unsettled)
        changed.windowing.again = .endingAfter(Instant(seconds: 0))
        let recent = try state(changed, manifest())
        #expect(recent.state == .again && !recent.isLookback)
        #expect(recent.reason == "within lookback, and output 2 (csv/{date}) has changed")
    }

    @Test("a missing file is rendered where the file with the rows is there, and no look is left out for it")
    func missing() throws {
        let gone = try state(Self.plan, manifest(), missing: "csv/1")
        #expect(gone.state == .render && gone.reason == "csv/1 is missing, cannot be opened or has another size")
        let rows = try state(Self.plan, manifest(), missing: "rows/1")
        #expect(rows.state == .due && rows.reason == "rows/1 is missing, cannot be opened or has another size")
        var fewer = Self.plan
        fewer.outputs.removeLast()
        fewer.windows = [Self.window.with(paths: ["rows/1"])]
        let undeclared = try state(fewer, manifest(), missing: "csv/1")
        #expect(undeclared.state == .render && undeclared.reason == "csv/1 is no longer declared")
        var unsettled = try manifest()
        unsettled.status = .unsettled
        #expect(try state(Self.plan, unsettled, missing: "csv/1").state == .due)
        var looking = Self.plan
        looking.windowing.refresh = [RefreshTier(look: .lean)]
        var changed = looking
        changed.outputs[1].dialect = .spreadsheet
        for (plan, missing, reason) in [
            (looking, "csv/1" as String?, "csv/1 is missing, cannot be opened or has another size, and a lean look is due"),
            (changed, nil, "output 2 (csv/{date}) has changed, and a lean look is due"),
        ] {
            let state = try state(plan, manifest(), missing: missing)
            #expect(state.state == .render && state.look == .lean && state.reason == reason, "\(state.reason)")
        }
        var kept = try manifest()
        kept.files.append(.sample(DestinationPath.rows("2026-11-01")))
        let state = try state(looking, kept)
        #expect(state.state == .render && state.look == .lean)
        #expect(state.reason == "its rows are kept, which the pipeline file does not ask for, and a lean look is due")
    }

    @Test("a window of 0.1.0 is rendered where its filters say the same; deleted rows, which look alike in two settings, are due")
    func older() throws {
        func old(_ plan: ExportPlan) throws -> Manifest {
            var old = try manifest(plan)
            old.fingerprints = nil
            for index in old.files.indices { old.files[index].output = nil }
            return old
        }
        var plan = Self.plan
        plan.filters.values[.environment] = "prod"
        #expect(try state(plan, old(plan)).state == .committed, "its one fingerprint matches")
        var changed = plan
        changed.filters.values[.environment] = "production"
        changed.outputs[1].dialect = .spreadsheet
        #expect(try state(changed, old(plan)).state == .render)
        changed.filters.values[.device] = "tablet"
        let other = try state(changed, old(plan))
        #expect(other.state == .due && other.reason == "filter device has changed")
        plan.filters.values[.includeDeleted] = "true"
        changed = plan
        changed.filters.onlyDeleted = true
        #expect(try state(changed, old(plan)).state == .due)
    }

    @Test("rows that are kept, and are not to be, are removed by rendering")
    func keptNoLonger() throws {
        var manifest = try manifest()
        manifest.files.append(.sample(DestinationPath.rows("2026-11-01")))
        let state = try state(Self.plan, manifest)
        #expect(state.state == .render && state.reason == "its rows are kept, which the pipeline file does not ask for")
        var keeping = Self.plan
        keeping.keepsRows = true
        #expect(try self.state(keeping, manifest).state == .committed)
    }
}

/// A change of a declaration, and what is said of it.
private struct Change: Sendable {
    let reason: String
    let make: @Sendable (inout ExportPlan) -> Void

    init(_ reason: String, _ make: @escaping @Sendable (inout ExportPlan) -> Void) {
        (self.reason, self.make) = (reason, make)
    }
}
