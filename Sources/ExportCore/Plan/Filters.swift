/// The filters that select conversations. All of them must match.
///
/// ```swift
/// let filters = Filters(
///     values: [.device: "mobile", .hasFeedback: "true"],
///     metadata: [Filters.MetadataMatch(key: "customer_tier", value: "premium")])
/// // Conversations from mobile devices of premium customers who gave feedback.
/// print(filters.parameters.map { "\($0.name)=\($0.value)" })
/// ```
public struct Filters: Sendable, Hashable {
    /// Values as they are sent; flags as `true` and `false`.
    public var values: [FilterName: String]
    /// Metadata keys and the values that they must have; all must match.
    public var metadata: [MetadataMatch]
    /// Whether only deleted rows are kept. Not a filter of the service: deleted rows are requested, and the others are dropped.
    public var onlyDeleted: Bool
    /// Additional parameters, sent unchanged in this order.
    public var extra: [Parameter]
    /// Whether `extra` is sent without first checking that the service knows the parameters.
    public var isExtraUnchecked: Bool

    /// A name and a value of a query string.
    public struct Parameter: Sendable, Hashable {
        /// The parameter's name.
        public var name: String
        /// The parameter's value, not encoded.
        public var value: String

        /// Creates a parameter.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// One metadata key and the value it must have, as the service writes them in a query: `customer_tier`, `premium`.
    public struct MetadataMatch: Sendable, Hashable {
        /// A dot path: `analysis.sentiment`.
        public var key: String
        /// The value. The service infers its type: `1` is a number, `true` a boolean, `null` null.
        public var value: String

        /// Creates a match of a dot path below `metadata` with a value.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }

        /// Whether the form `key:value,…` cannot express the match, so that it needs `metadata_key` and `metadata_value`.
        public var needsOwnParameters: Bool {
            [":", ","].contains { key.containsExactly($0) || value.containsExactly($0) }
        }
    }

    /// Creates filters. Without arguments every conversation that is not deleted matches.
    public init(
        values: [FilterName: String] = [:],
        metadata: [MetadataMatch] = [],
        onlyDeleted: Bool = false,
        extra: [Parameter] = [],
        isExtraUnchecked: Bool = false
    ) {
        self.values = values
        self.metadata = metadata
        self.onlyDeleted = onlyDeleted
        self.extra = extra
        self.isExtraUnchecked = isExtraUnchecked
    }

    /// How deleted rows are treated.
    public var deletedRows: DeletedRows {
        if onlyDeleted { return .only }
        return values[.includeDeleted] == "true" ? .included : .excluded
    }

    /// Whether a row may leave the set other than by deletion, because a filtered value may change after creation. Extra parameters are
    /// unknown, so they count as changeable.
    public var isChangeable: Bool {
        let fixed: Set<FilterName> = [.conversationID, .includeDeleted]
        return !metadata.isEmpty || !extra.isEmpty || values.keys.contains { !fixed.contains($0) }
    }

    /// The query's parameters, in an order that depends only on the filters.
    public var parameters: [Parameter] {
        var parameters: [Parameter] = []
        for name in FilterName.allCases where name != .includeDeleted || !onlyDeleted {
            if let value = values[name] {
                parameters.append(Parameter(name: name.rawValue, value: value))
            }
        }
        if onlyDeleted {
            parameters.append(Parameter(name: FilterName.includeDeleted.rawValue, value: "true"))
        }
        let joined = metadata.filter { !$0.needsOwnParameters }.map { "\($0.key):\($0.value)" }
        if !joined.isEmpty {
            parameters.append(Parameter(name: "metadata", value: joined.joined(separator: ",")))
        }
        for match in metadata where match.needsOwnParameters {
            parameters.append(Parameter(name: "metadata_key", value: match.key))
            parameters.append(Parameter(name: "metadata_value", value: match.value))
        }
        return parameters + extra
    }
}

/// Which rows belong to the result, by whether they are deleted, if they match otherwise.
public enum DeletedRows: Sendable, Hashable {
    case excluded, included, only

    /// Whether the service's counts include such a row. With `only`, which the service does not know, they include all rows.
    public func counts(isDeleted: Bool) -> Bool {
        self != .excluded || !isDeleted
    }

    /// Whether such a row is written.
    public func wants(isDeleted: Bool) -> Bool {
        switch self {
        case .excluded: !isDeleted
        case .included: true
        case .only: isDeleted
        }
    }
}
