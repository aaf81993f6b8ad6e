public import ExportCore

/// Computes the digests of rows, and the sums with which the service's counts are compared.
///
/// ```swift
/// var digester = RowDigester(covering: nil)
/// let row = Array(#"{"id":7,"name":"A","messages":[]}"#.utf8)
/// let digest = digester.add(row.span)  // its id is 7
/// ```
public struct RowDigester: Sendable {
    /// Sums over the rows that were added.
    public private(set) var sums = RowSums()
    /// The first top-level keys of the rows that the digests do not cover. Empty if they are not collected.
    public private(set) var uncoveredKeys: Set<String> = []

    /// The maximum number of uncovered keys that are collected.
    public static let mostUncoveredKeys = 20

    /// The covered top-level keys. If all are covered, also the keys that were seen.
    private var keys = PathTree()
    private let coversAll: Bool
    private let collectsUncovered: Bool
    /// The index in `leanFields` of each of the first nodes of `keys`, or `nil`. Keys added by rows have none.
    private var leanFieldOfNode: [Int?] = []
    private let nodes: Nodes
    /// Removes the values that are not compared. `nil` if all are.
    private let redaction: RowRedaction?
    private let key: HashKey?
    /// The extents of the lean fields' values in the current row. Empty for missing fields.
    private var leanValues: [Range<Int>]
    /// Bit sets of predicates: those that the current row shows, and those of them that hold.
    private var predicates: (shown: UInt8, held: UInt8) = (0, 0)
    private var canonical: [UInt8] = []
    /// A buffer for a row without the excluded values.
    private var redacted: [UInt8] = []
    private var volatile: [Range<Int>] = []

    /// The lean fields, sorted, so that the digest does not depend on their order in the row.
    private static let leanFields = Table.conversations.fields(detail: .lean).map(\.name).sorted()
    /// The text before each field's value in the canonical form.
    private static let leanNames = leanFields.map { Array("\($0):".utf8) }
    private static let messageCountPlace = leanFields.firstIndex { $0.equalsExactly("message_count") }
    private static let feedbackCountPlace = leanFields.firstIndex { $0.equalsExactly("feedback_count") }
    private static let volatilePaths: PathTree = {
        var paths = PathTree()
        for value in VolatileField.all { _ = paths.insert(value.path) }
        return paths
    }()
    private static let volatileNodes = Set(
        VolatileField.all.compactMap { volatilePaths.node(at: $0.path.map { Array($0.utf8) }) })

    /// The nodes of keys whose values are examined.
    private struct Nodes: Sendable {
        let id, isMarked, isDeleted, messages, feedbacks, messageCount, feedbackCount: Int?
    }

    /// Creates a digester.
    /// - Parameters:
    ///   - covered: The top-level keys whose values are compared. `nil` for all.
    ///   - leftOut: Values below these that are not compared.
    ///   - key: The key of the digests, without which values cannot be guessed from them. `nil` for unkeyed digests.
    ///   - collectsUncovered: Whether the other keys are collected.
    public init(
        covering covered: [String]?, leavingOut leftOut: Exclusion = .none, key: HashKey? = nil, collectsUncovered: Bool = false
    ) {
        coversAll = covered == nil
        redaction = RowRedaction(leftOut)
        self.key = key
        self.collectsUncovered = collectsUncovered
        for key in covered ?? Self.documented { _ = keys.insert([key]) }
        // The fields that identify a row are always compared.
        for key in ["id", "started_at", "is_deleted"] { _ = keys.insert([key]) }
        let tree = keys
        func node(_ key: String) -> Int? { tree.node(at: [Array(key.utf8)]) }
        nodes = Nodes(
            id: node("id"), isMarked: node("is_marked"), isDeleted: node("is_deleted"), messages: node("messages"),
            feedbacks: node("feedbacks"),
            messageCount: node("message_count"), feedbackCount: node("feedback_count"))
        leanFieldOfNode = Array(repeating: nil, count: tree.count)
        for (place, field) in Self.leanFields.enumerated() { if let node = node(field) { leanFieldOfNode[node] = place } }
        leanValues = Array(repeating: 0..<0, count: Self.leanFields.count)
    }

    private static var documented: [String] {
        Source.Detail.allCases.flatMap { Table.conversations.fields(detail: $0).map(\.name) }
    }

    /// The top-level keys that the digests cover, in order.
    public var coveredKeys: [String] {
        (1..<keys.count).map { String(decoding: keys.path(of: $0)[0], as: UTF8.self) }.sorted()
    }

    /// Computes the digests of a row, without the excluded values, and adds it to the sums.
    /// - Parameter row: A validated object, minified.
    /// - Returns: `nil` for a row without an integer id.
    public mutating func add(_ row: Span<UInt8>) -> RowDigest? {
        guard let redaction else { return digest(row) }
        var content: [UInt8] = []
        swap(&content, &redacted)
        defer { swap(&content, &redacted) }
        content.removeAll(keepingCapacity: true)
        redaction.append(row: row, to: &content)
        return digest(content.span)
    }

    private mutating func digest(_ row: Span<UInt8>) -> RowDigest? {
        var whole: UInt64 = 0
        var (id, messages, feedbacks) = (nil as Int64?, nil as Int?, nil as Int?)
        for place in leanValues.indices { leanValues[place] = 0..<0 }
        predicates = (0, 0)
        var members = JSONMembers(of: 0..<row.count, in: row)
        while let key = members.nextKey(in: row) {
            guard let node = node(of: key, in: row) else {
                _ = members.skipValue(in: row)
                if collectsUncovered { collect(key, row) }
                continue
            }
            volatile.removeAll(keepingCapacity: true)
            let value: Range<Int>
            switch node {
            case nodes.messages: (value, messages) = addMessages(&members, row)
            case nodes.feedbacks: (value, feedbacks) = addFeedbacks(&members, row)
            default: value = members.skipValue(in: row)
            }
            if node < leanFieldOfNode.count, let place = leanFieldOfNode[node] { leanValues[place] = value }
            switch node {
            case nodes.id: id = JSONText.int64(row, value)
            case nodes.isMarked: show(.isMarked, JSONText.boolean(row, value))
            case nodes.isDeleted: show(.isNotDeleted, JSONText.boolean(row, value).map { !$0 })
            case nodes.messageCount: messages = messages ?? JSONText.int64(row, value).map(Int.init)
            case nodes.feedbackCount: feedbacks = feedbacks ?? JSONText.int64(row, value).map(Int.init)
            default: break
            }
            var position = key.lowerBound
            for value in volatile {
                whole = XXHash64.hash(row.extracting(position..<value.lowerBound), seed: whole)
                position = value.upperBound
            }
            whole = XXHash64.hash(row.extracting(position..<value.upperBound), seed: whole)
        }
        guard let id else { return nil }
        show(.hasMessages, messages.map { $0 > 0 })
        show(.hasFeedback, feedbacks.map { $0 > 0 })
        addToSums()
        return RowDigest(id: id, lean: lean(row, messages, feedbacks), whole: keyed(whole))
    }

    private mutating func show(_ predicate: CountPredicate, _ holds: Bool?) {
        guard let holds else { return }
        let bit = UInt8(1) << predicate.place
        predicates.shown |= bit
        predicates.held = holds ? predicates.held | bit : predicates.held & ~bit
    }

    /// Adds the current row to the sums. A predicate that one row does not show becomes unknown for all.
    private mutating func addToSums() {
        sums.rows += 1
        for predicate in CountPredicate.allCases {
            let bit = UInt8(1) << predicate.place
            guard predicates.shown & bit != 0, let sum = sums[predicate] else {
                sums[predicate] = nil
                continue
            }
            if predicates.held & bit != 0 { sums[predicate] = sum + 1 }
        }
    }

    /// The node of a key. `nil` if it is not covered.
    private mutating func node(of key: Range<Int>, in row: Span<UInt8>) -> Int? {
        if let node = keys.child(of: PathTree.root, row, key) { return node }
        guard coversAll else { return nil }
        var decoded: [UInt8] = []
        JSONText.appendString(row, key, to: &decoded)
        return keys.insert([decoded])
    }

    /// Collects a key that is not covered.
    private mutating func collect(_ key: Range<Int>, _ row: Span<UInt8>) {
        guard uncoveredKeys.count < Self.mostUncoveredKeys else { return }
        var decoded: [UInt8] = []
        JSONText.appendString(row, key, to: &decoded)
        uncoveredKeys.insert(String(decoding: decoded, as: UTF8.self))
    }

    private mutating func lean(_ row: Span<UInt8>, _ messages: Int?, _ feedbacks: Int?) -> UInt64 {
        canonical.removeAll(keepingCapacity: true)
        let (messageCount, feedbackCount) = (Self.messageCountPlace, Self.feedbackCountPlace)
        for (place, name) in Self.leanNames.enumerated() {
            if place == messageCount {
                appendCount(messages, name)
            } else if place == feedbackCount {
                appendCount(feedbacks, name)
            } else {
                let value = leanValues[place]
                // A field that is null counts as absent.
                guard !value.isEmpty, !JSONText.isNull(row, value) else { continue }
                canonical += name
                JSONText.appendCanonical(row, value, to: &canonical)
                canonical.append(Byte.comma)
            }
        }
        return keyed(XXHash64.hash(canonical.span))
    }

    private mutating func appendCount(_ count: Int?, _ name: [UInt8]) {
        guard let count else { return }
        canonical += name
        canonical += "\(count),".utf8
    }

    private func keyed(_ digest: UInt64) -> UInt64 { key?.hash(ofDigest: digest) ?? digest }

    // MARK: Lists

    /// Steps over the messages. Their number is `nil` if there is no list.
    private mutating func addMessages(_ members: inout JSONMembers, _ row: Span<UInt8>) -> (value: Range<Int>, count: Int?) {
        var hasAction = false
        let (paths, node, begins) = (Self.volatilePaths, Self.volatileNodeOfMessages, Self.beginsLikeMessageKey)
        let messages = members.forEachMemberOfElements(in: row) { member in
            // Most of the examined values are empty.
            guard begins[Int(row[member.key.lowerBound + 1])], !JSONText.isEmptyOrNull(row, member.value) else { return }
            if let child = paths.child(of: node, row, member.key) {
                findVolatile(member.value, child, row)
            } else if !hasAction, JSONText.isKey(row, member.key, Self.actionNameKey) {
                hasAction = true
            } else if !hasAction, JSONText.isKey(row, member.key, Self.actionLogsKey) {
                hasAction = JSONText.kind(row, member.value) == .array
            }
        }
        guard let messages else { return (members.skipValue(in: row), nil) }
        show(.hasAction, hasAction)
        return (messages.value, messages.count)
    }

    /// Steps over the feedbacks. Their number is `nil` if there is no list.
    private mutating func addFeedbacks(_ members: inout JSONMembers, _ row: Span<UInt8>) -> (value: Range<Int>, count: Int?) {
        var sentiments: [CountPredicate] = []
        let feedbacks = members.forEachMemberOfElements(in: row) { member in
            guard JSONText.isKey(row, member.key, Self.sentimentKey) else { return }
            if let sentiment = JSONText.string(row, member.value), let predicate = CountPredicate(sentiment: sentiment) {
                sentiments.append(predicate)
            }
        }
        guard let feedbacks else { return (members.skipValue(in: row), nil) }
        for predicate in CountPredicate.allCases where predicate.filter == .feedbackSentiment {
            show(predicate, sentiments.contains(predicate))
        }
        return (feedbacks.value, feedbacks.count)
    }

    private static let volatileNodeOfMessages = volatilePaths.node(at: [Array("messages".utf8)]) ?? PathTree.root
    private static let actionNameKey = Array("action_name".utf8)
    private static let actionLogsKey = Array("action_logs".utf8)
    private static let sentimentKey = Array("sentiment".utf8)
    /// Whether a key of a message that begins with a byte may be an examined one. A backslash may encode any character.
    private static let beginsLikeMessageKey: [Bool] = {
        var begins = Array(repeating: false, count: 256)
        let volatile = VolatileField.all.map(\.path).filter { $0[0].equalsExactly("messages") }.map { Array($0[1].utf8) }
        for key in volatile + [actionNameKey, actionLogsKey] { begins[Int(key[0])] = true }
        begins[Int(Byte.backslash)] = true
        return begins
    }()

    /// Collects the places of volatile values, in order.
    private mutating func findVolatile(_ value: Range<Int>, _ node: Int, _ row: Span<UInt8>) {
        if Self.volatileNodes.contains(node) { return volatile.append(value) }
        switch JSONText.kind(row, value) {
        case .array:
            var elements = JSONElements(of: value, in: row)
            while let element = elements.next(in: row) { findVolatile(element, node, row) }
        case .object:
            var members = JSONMembers(of: value, in: row)
            while let member = members.next(in: row) {
                if let child = Self.volatilePaths.child(of: node, row, member.key) { findVolatile(member.value, child, row) }
            }
        default: break
        }
    }
}

/// A row for comparisons: its id, and digests of its content.
public struct RowDigest: Sendable, Hashable {
    /// The row's id.
    public var id: Int64
    /// The digest of the documented fields that rows with and without transcripts have in common.
    public var lean: UInt64
    /// The digest of the whole row, without volatile and excluded values.
    public var whole: UInt64

    /// Creates the digests of a row.
    public init(id: Int64, lean: UInt64, whole: UInt64) {
        self.id = id
        self.lean = lean
        self.whole = whole
    }
}
