import ExportAPI
import ExportCore
import ExportFormats
import Synchronization

/// Finds the fields that rows without transcripts lack, or show otherwise than whole rows do. Digests that cover them say nothing.
struct LeanFields: Sendable {
    let plan: ExportPlan
    let client: ServiceClient

    private static let names = Table.conversations.fields(detail: .lean).map(\.name)

    /// The fields in which the two forms of a row differ. Nil if the row does not show it, because it is gone or changes.
    /// - Throws: `ServiceError`, `FilterNotApplied`, `CancellationError`.
    func unshared(of id: Int64, at instant: Instant) async throws -> Set<String>? {
        guard let lean = try await row(id, at: instant, .lean), let whole = try await row(id, at: instant, .full),
            let again = try await row(id, at: instant, .lean)
        else { return nil }
        return Self.unshared(of: lean, and: whole, again)
    }

    /// - Parameter again: The row without its transcript once more, after the whole one.
    static func unshared(of lean: [UInt8], and whole: [UInt8], _ again: [UInt8]) -> Set<String>? {
        // A change in between is no difference of the two forms.
        guard again == lean else { return nil }
        return Set(
            names.filter { name in
                var (ofLean, ofWhole) = (digester(of: name), digester(of: name))
                return ofLean.add(lean.span)?.lean != ofWhole.add(whole.span)?.lean
            })
    }

    private static func digester(of field: String) -> RowDigester {
        RowDigester(covering: [field] + DigestCoverage.counts.filter { $0.count.equalsExactly(field) }.map(\.list))
    }

    private func row(_ id: Int64, at instant: Instant, _ detail: Source.Detail) async throws -> [UInt8]? {
        let query = ListQuery(
            after: instant.earlier(by: 1), before: instant.later(by: 1), page: 1, pageSize: plan.fetch.pageSize)
        let range = TimeRange(start: instant, end: instant.later(by: 1))
        let reader = PageReader(filters: plan.filters, detail: detail == .full ? .full : nil, discoveries: [])
        let request = ServiceRequest(list: query, filters: plan.filters, detail: detail)
        let page = try await client.get(request) { try reader.read($0, to: query, for: range) }.value
        guard let place = page.response.rows.firstIndex(where: { $0.id == id }) else { return nil }
        return Array(page.rows[page.extent(ofRow: place).dropLast()])
    }
}

/// The fields that a run has found to differ between the two forms of rows, by endpoint.
final class LearntFields: Sendable {
    private let known = Mutex<[String: Set<String>]>([:])

    /// Nil where it is not known whether some differ.
    func unshared(at endpoint: String) -> Set<String>? { known.withLock { $0[endpoint] } }

    func learn(_ fields: Set<String>, at endpoint: String) { known.withLock { $0[endpoint, default: []].formUnion(fields) } }

    func learn(from records: LookRecords) {
        for (endpoint, fields) in records.unshared ?? [:] { learn(Set(fields), at: endpoint) }
    }
}
