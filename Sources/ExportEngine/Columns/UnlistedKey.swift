public import ExportAPI
public import ExportCore

/// A metadata key that a plan uses but the service does not list. If it is misspelt, it leads to an empty column, or a filter that no row
/// matches.
public struct UnlistedKey: Sendable, Hashable {
    /// The table that the declaration names the key for.
    public let table: Table
    /// A dot path below `metadata`.
    public let key: String
    /// The keys that the service lists.
    public let named: [String]

    /// The number of keys at which the service truncates its list.
    private static let largestList = 200

    /// The maximum number of keys reported for a table.
    private static let maximumReported = 100

    /// The distinct unlisted keys of a plan. Nothing is reported for a table for which the service lists no key, or the maximum number.
    /// - Parameter clients: One for each of the plan's parts. A key counts as listed if any of them lists it.
    /// - Throws: `CancellationError`.
    public static func all(in plan: ExportPlan, from clients: [ServiceClient]) async throws -> [UnlistedKey] {
        var unnamed: [UnlistedKey] = []
        for (table, request) in ServiceDocument.Keys.requests {
            let keys = plan.metadataKeys(of: table)
            guard !keys.isEmpty, let named = try await named(request, by: clients) else { continue }
            // An object has a column as well as its keys.
            let (names, ways) = (Set(named), Set(named.flatMap(\.ways)))
            unnamed += keys.lazy.filter { !ways.contains($0) && names.isDisjoint(with: $0.ways) }.prefix(maximumReported)
                .map { UnlistedKey(table: table, key: $0, named: named) }
        }
        return unnamed
    }

    /// All keys that the service lists for any of the clients. `nil` if one of them gets no list, or possibly a truncated one.
    private static func named(_ request: ServiceRequest, by clients: [ServiceClient]) async throws -> [String]? {
        var named: [String] = []
        for client in clients {
            guard let list = try await list(request, of: client), (1..<largestList).contains(list.count) else { return nil }
            named += list
        }
        return named
    }

    /// The list of a request. `nil` if the service does not return one, which is not an error.
    private static func list(_ request: ServiceRequest, of client: ServiceClient) async throws -> [String]? {
        do {
            return try await ServiceDocument.get(ServiceDocument.Keys.self, request, from: client)?.keys
        } catch is ServiceError {
            return nil
        }
    }
}

extension ExportPlan {
    fileprivate func metadataKeys(of table: Table) -> [String] {
        var keys = table == .conversations ? filters.metadata.map(\.key) : []
        for output in outputs where output.table == table {
            for case .column(let column) in output.columns ?? [] where column.path.count > 1 && column.path[0] == "metadata" {
                keys.append(column.path.dropFirst().joined(separator: "."))
            }
        }
        var known: Set<String> = []
        return keys.filter { known.insert($0).inserted }
    }
}

extension String {
    /// The dot paths of the objects that contain the key, and its own.
    fileprivate var ways: [String] {
        unicodeScalars.indices.lazy.filter { unicodeScalars[$0] == "." }.prefix(64).map { String(self[..<$0]) } + [self]
    }
}
