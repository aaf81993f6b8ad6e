import SampleAPI
import Testing

/// Something wrong with a deployment, and what the documentation says a run comes to.
struct Trouble: Sendable, CustomTestStringConvertible {
    let name: String
    /// Exit codes that are right; others are not, however the requests fall.
    let statuses: Set<Int32>
    /// As under `filters` in a pipeline file.
    var filters = "{}"
    /// Beside those of every run.
    var settings: [String] = []
    let configure: @Sendable (inout SampleService.Configuration) -> Void

    var testDescription: String { name }

    init(
        _ name: String, _ statuses: Set<Int32>, filters: String = "{}", settings: [String] = [],
        _ configure: @escaping @Sendable (inout SampleService.Configuration) -> Void
    ) {
        (self.name, self.statuses, self.filters, self.settings, self.configure) = (name, statuses, filters, settings, configure)
    }

    /// Answers that meet a fault.
    init(_ name: String, _ statuses: Set<Int32>, settings: [String] = [], faults: FaultPlan) {
        self.init(name, statuses, settings: settings) { $0.faults = faults }
    }

    /// Changes of the deployment.
    init(_ name: String, _ statuses: Set<Int32>, filters: String = "{}", changes: Change...) {
        self.init(name, statuses, filters: filters) { $0.changes = changes }
    }

    /// How a run is set up against a trouble: each is met in several ways.
    struct Run: Sendable, CustomTestStringConvertible {
        let walk: String
        let ordering: SampleService.Ordering
        let concurrency: Int

        var testDescription: String { "walk \(walk), ordering \(ordering), \(concurrency) at once" }

        static let all = [
            Run(walk: "ranges", ordering: .honoured, concurrency: 1), Run(walk: "ranges", ordering: .ignored, concurrency: 6),
            Run(walk: "pages", ordering: .honoured, concurrency: 4),
        ]

        /// For what does not depend on the order of rows, and makes requests wait.
        static let waiting = [
            Run(walk: "ranges", ordering: .honoured, concurrency: 5), Run(walk: "pages", ordering: .ignored, concurrency: 4),
        ]
    }
}
