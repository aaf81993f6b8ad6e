public import ExportAPI
public import ExportCore

/// A key of metadata that a plan asks for and the service does not name. Misspelt, it is an empty column, or a filter that no row matches.
public struct UnlistedKey: Sendable, Hashable {
    /// The table that the declaration names the key for.
    public let table: Table
    /// A dot path below `metadata`.
    public let key: String
    /// The keys that the service names.
    public let named: [String]

    /// It names so many at most, and leaves the others out.
    private static let largestList = 200

    /// Keys of a table that are named at most: nobody reads more.
    private static let maximumReported = 100

    /// The unlisted keys of a plan, each once. Of a table of which the service names none at all, or as many as it ever does, nothing is said.
    /// - Parameter clients: One for each of the plan's parts. What one of them names is named.
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

    /// All that is named to any of the clients. Nil where one of them is told nothing, or not all.
    private static func named(_ request: ServiceRequest, by clients: [ServiceClient]) async throws -> [String]? {
        var named: [String] = []
        for client in clients {
            guard let list = try await list(request, of: client), (1..<largestList).contains(list.count) else { return nil }
            named += list
        }
        return named
    }

    /// Nil where the service does not give it: then nothing is known of keys, and no answer has to fail for it.
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
    /// The dot paths of the objects that it leads through, and its own.
    fileprivate var ways: [String] {
        unicodeScalars.indices.lazy.filter { unicodeScalars[$0] == "." }.prefix(64).map { String(self[..<$0]) } + [self]
    }
}
