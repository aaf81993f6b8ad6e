public import ExportCore
import ExportFormats

/// Which fields of rows a plan's digests cover: those that some output holds.
struct DigestCoverage: Sendable, Hashable {
    /// Top-level keys. Nil: all of them.
    let keys: [String]?
    /// Values below these that no output holds, because some exclude them.
    let leftOut: Exclusion
    /// The key of the digests. Nil: no output hashes fields, and they are plain.
    let key: HashKey?

    init(keys: [String]?, leftOut: Exclusion, key: HashKey?) {
        (self.keys, self.leftOut, self.key) = (keys, leftOut, key)
    }

    /// The coverage of digests for a plan's rows. Nil if an output excludes or hashes ids, because digests stand beside them.
    static func kept(of plan: ExportPlan) -> DigestCoverage? {
        plan.outputs.contains(where: \.hidesIDs) ? nil : DigestCoverage(of: plan)
    }

    /// The coverage of digests that are there. Nil if the plan does not have the key that they were made with.
    init?(of digests: WindowDigests, in plan: ExportPlan) {
        let key = digests.keyDigest.flatMap { digest in
            plan.outputs.lazy.compactMap(\.privacy.key).first { $0.digest.equalsExactly(digest) }
        }
        guard (key == nil) == (digests.keyDigest == nil) else { return nil }
        (self.keys, self.leftOut, self.key) = (digests.keys, digests.leftOut, key)
    }

    init(of plan: ExportPlan) {
        key = plan.outputs.lazy.compactMap(\.privacy.key).first
        guard !plan.keepsRows else {
            (keys, leftOut) = (nil, .none)
            return
        }
        keys = Self.keys(of: plan)
        // Rows that are kept only until the columns are complete do not count.
        let held = plan.declaredOutputs.map { HeldPaths($0, plan.source.detail) }
        var paths = held.flatMap(\.excluded).filter { path in !held.contains { $0.holds(path) } }
        // A row without transcripts shows how many there are; whole rows have no such field, but the list.
        for (list, count) in Self.counts where plan.source.detail == .full {
            paths.removeAll { $0 == [count] }
            if paths.contains([list]) { paths.append([count]) }
        }
        let except = paths.flatMap { path in held.flatMap { $0.parts(of: path) } }
        leftOut = Exclusion(paths: Self.inOrder(paths), except: Self.inOrder(except))
    }

    /// Each once, by bytes.
    private static func inOrder(_ paths: [[String]]) -> [[String]] {
        let bytes = Set(paths.map { $0.map { Array($0.utf8) } })
        return bytes.sorted { $0.lexicographicallyPrecedes($1) { $0.lexicographicallyPrecedes($1) } }.map { path in
            path.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Whether digests with this coverage tell as little as those with another one.
    func leavesOutTheSame(as other: DigestCoverage) -> Bool { leftOut == other.leftOut && key == other.key }

    /// Whether digests cover the keys that those with this coverage do.
    func hasKeys(of digests: WindowDigests) -> Bool {
        let keys = digester().coveredKeys
        // Where all are covered, digests also list those that rows had.
        return self.keys == nil ? Set(digests.keys).isSuperset(of: keys) : digests.keys == keys
    }

    /// The same for lean looks without some fields of rows without transcripts. Nil if too little is left to compare.
    func leavingOut(_ fields: Set<String>) -> DigestCoverage? {
        // These are compared of every row.
        guard fields.isDisjoint(with: ["id", "started_at", "is_deleted"]) else { return nil }
        let lists = Self.counts.filter { fields.contains($0.count) }.map(\.list)
        return DigestCoverage(
            keys: digester().coveredKeys.filter { !fields.contains($0) && !lists.contains($0) }, leftOut: leftOut, key: key)
    }

    /// Makes a digester that has seen no row yet.
    func digester(collectsUncovered: Bool = false) -> RowDigester {
        RowDigester(covering: keys, leavingOut: leftOut, key: key, collectsUncovered: collectsUncovered)
    }

    private static func keys(of plan: ExportPlan) -> [String]? {
        let held = plan.declaredOutputs.map { HeldPaths($0, plan.source.detail) }
        let paths = held.flatMap(\.paths)
        // Any key may be in what an output holds of the row itself.
        guard !paths.contains(where: \.isEmpty) else { return nil }
        var keys = Set(paths.map { $0[0] })
        for own in held.map(\.pathOfRows) where !own.isEmpty { keys.formUnion(added + own.prefix(1)) }
        // A row without transcripts shows of them how many there are. A column for that is empty in whole rows.
        for (list, count) in counts {
            if keys.contains(list) { keys.insert(count) } else if plan.source.detail == .full { keys.remove(count) }
        }
        return keys.sorted()
    }

    /// Fields with the lengths of lists.
    static let counts = [(list: "messages", count: "message_count"), (list: "feedbacks", count: "feedback_count")]

    /// The fields that rows of other tables have from their conversation.
    private static let added = ["id", "conversation_id", "started_at"]
}

extension ExportPlan {
    /// The place of the first output because of which windows have neither digests nor rows as they came, so that lean and full looks
    /// compare no fields. Nil if they compare them.
    public var outputWithoutDigests: Int? {
        guard !keepsRows, rowsOutput == nil else { return nil }
        return outputs.firstIndex(where: \.hidesIDs)
    }
}

extension Output {
    /// Whether it excludes or hashes the ids of conversations.
    fileprivate var hidesIDs: Bool { privacy.excludes([idField]) || privacy.hashes([idField]) }
}

extension Output {
    /// The field of its rows with the integer id of the conversation.
    package var idField: String { table == .conversations ? "id" : Table.AddedField.conversation.rawValue }
}
