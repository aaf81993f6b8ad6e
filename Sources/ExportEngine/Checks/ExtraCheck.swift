public import ExportAPI
public import ExportCore

/// Asks whether the service knows the parameters under `filters.extra`.
///
/// It ignores a name that it does not know, and gives everything. Then it counts as many conversations with the parameter as without it,
/// and as with a value that none has.
public enum ExtraCheck {
    /// The service's counts over the windows of a plan.
    struct Counts: Equatable {
        var without: Int
        var with: Int
        /// The count with a value that no conversation has. Nil where the service refused it.
        var withNonsense: Int?

        /// Where there is nothing to count, nothing is shown.
        var showsIgnored: Bool { without > 0 && with == without && withNonsense == without }
    }

    private static let nonsense = "agentsight-export-no-such-value"

    /// Refuses a plan whose service shows that it ignores one of the parameters. Nothing is asked where the plan has none, or says that
    /// they are not to be checked.
    ///
    /// Other filters are left out: they could leave nothing to count.
    /// - Parameter clients: One for each of the plan's parts.
    /// - Throws: `IgnoredParameter`, the first one; `ServiceError`, `FilterNotApplied`, `CancellationError`.
    public static func run(_ plan: ExportPlan, from clients: [ServiceClient]) async throws {
        guard !plan.filters.extra.isEmpty, !plan.filters.isExtraUnchecked else { return }
        for ((_, part), client) in zip(plan.parts, clients) {
            guard let first = part.windows.first, let last = part.windows.last else { continue }
            let span = TimeRange(start: first.range.start, end: last.range.end)
            func count(_ extra: [Filters.Parameter]) async throws -> Int {
                let filters = Filters(extra: extra)
                let reader = PageReader(filters: filters, detail: nil, discoveries: [])
                let query = ListQuery(after: span.start, before: span.end, pageSize: 1, isCount: true)
                let request = ServiceRequest(list: query, filters: filters, detail: .lean)
                return try await client.get(request) { try reader.read($0, to: query, for: span) }.value.response.count
            }
            let without = try await count([])
            guard without > 0 else { continue }
            for parameter in plan.filters.extra {
                let with = try await count([parameter])
                // One that changes the count is known: there is no need to ask on.
                guard with == without else { continue }
                let withNonsense: Int?
                do {
                    withNonsense = try await count([.init(name: parameter.name, value: nonsense)])
                } catch ServiceError.requestRefused {
                    withNonsense = nil
                }
                if Counts(without: without, with: with, withNonsense: withNonsense).showsIgnored {
                    throw IgnoredParameter(pipeline: plan.pipeline, name: parameter.name, conversations: without)
                }
            }
            return
        }
    }
}

/// A parameter that the service does not know.
public struct IgnoredParameter: Error, Sendable, Hashable, CustomStringConvertible {
    /// The pipeline that sends it.
    public let pipeline: String
    /// The parameter's name.
    public let name: String
    /// Counted with it, and without.
    public let conversations: Int

    public var description: String {
        """
        \(pipeline): the service ignores “\(name.shown())”, which filters.extra sends: it counts \(conversations) conversations with it, \
        without it, and with a value that no conversation has. Nothing was written. Correct the name, or remove it; to send it \
        anyway, set filters.extra_unchecked: true, or give --extra-unchecked to dump.
        """
    }
}
