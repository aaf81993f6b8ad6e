/// The filters of a query in a canonical form: two notations of the same query are equal.
///
/// For example, `prod` is `production`, and excluding deleted rows is the default. Metadata keys and parameters have no order.
package struct CanonicalQuery: Sendable, Hashable {
    /// Sorted pairs of a name and a value.
    package let pairs: [[String]]

    /// The query of a declaration.
    package init(_ filters: Filters) {
        self.init(filters.parameters)
    }

    /// The query recorded in a manifest. `nil` if the record may be incomplete: of several metadata keys it holds only one.
    package init?(sent query: [String: String]) {
        guard query[Self.metadataKey] == nil else { return nil }
        self.init(query.map { Filters.Parameter(name: $0.key, value: $0.value) })
    }

    private static let metadataKey = "metadata_key"
    private static let longNames = ["prod": "production", "dev": "development"]

    private init(_ parameters: [Filters.Parameter]) {
        var pairs: [[String]] = []
        var key: String?
        for parameter in parameters {
            switch parameter.name {
            case FilterName.includeDeleted.rawValue where parameter.value == "false": break
            case FilterName.environment.rawValue:
                pairs.append([parameter.name, Self.longNames[parameter.value] ?? parameter.value])
            case "metadata":
                for match in parameter.value.splitExactly(at: ",") {
                    let parts = match.splitExactly(at: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                    pairs.append(["metadata"] + parts)
                }
            case Self.metadataKey: key = parameter.value
            case "metadata_value":
                pairs.append(["metadata", key ?? "", parameter.value])
            default: pairs.append([parameter.name, parameter.value])
            }
        }
        self.pairs = pairs.sorted { $0.lexicographicallyPrecedes($1) { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } }
    }

    /// The differences from an earlier query, filter by filter: `filter device has changed`. Empty if there are none.
    package func changes(since earlier: CanonicalQuery) -> [String] {
        let (now, before) = (valuesByName, earlier.valuesByName)
        return Set(now.keys).union(before.keys).sorted().compactMap { name in
            switch (before[name], now[name]) {
            case (nil, _): "filter \(name.shown()) is new"
            case (_, nil): "filter \(name.shown()) is gone"
            case (let old, let new) where old != new: "filter \(name.shown()) has changed"
            default: nil
            }
        }
    }

    /// The values of each filter; for metadata, of each key.
    private var valuesByName: [String: [[String]]] {
        Dictionary(grouping: pairs) { pair in pair.count > 2 ? "\(pair[0]).\(pair[1])" : pair[0] }
    }
}
