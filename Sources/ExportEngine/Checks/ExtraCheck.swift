public import ExportAPI
public import ExportCore

/// Checks whether the service knows the parameters under `filters.extra`.
///
/// The service ignores an unknown name and returns everything. It then counts the same number of conversations with the parameter, without
/// it, and with a value that no conversation has.
public enum ExtraCheck {
    /// The service's counts over the windows of a plan.
    struct Counts: Equatable {
        var without: Int
        var with: Int
        /// The count with a value that no conversation has. `nil` if the service refused it.
        var withNonsense: Int?

        /// Whether the counts show that the parameter is ignored. If there is nothing to count, they show nothing.
        var showsIgnored: Bool { without > 0 && with == without && withNonsense == without }
    }

    private static let nonsense = "agentsight-export-no-such-value"

    /// Refuses a plan if its service ignores one of the parameters. Sends no requests if the plan has none, or disables the check.
    ///
    /// Other filters are left out, because they could leave nothing to count.
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
                // A parameter that changes the count is known, so no further request is needed.
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
    /// The count of conversations, the same with and without the parameter.
    public let conversations: Int

    public var description: String {
        """
        \(pipeline): the service ignores “\(name.shown())”, which filters.extra sends: it counts \(conversations) conversations with it, \
        without it, and with a value that no conversation has. Nothing was written. Correct the name, or remove it; to send it \
        anyway, set filters.extra_unchecked: true, or give --extra-unchecked to dump.
        """
    }
}
