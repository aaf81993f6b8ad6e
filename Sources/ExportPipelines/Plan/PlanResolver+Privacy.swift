import ExportCore

extension PlanResolver {
    /// Resolves the fields that an output excludes and hashes. A misspelt field would be written unchanged, so a name that resembles a
    /// field is refused.
    mutating func privacy(_ section: OutputSection, _ detail: Source.Detail) -> Privacy {
        let privacy = Privacy(exclude: section.exclude.map(\.value), hash: section.hash.map(\.value))
        for path in section.exclude + section.hash { checkField(path, of: section.table, detail) }
        for path in section.hash where privacy.excludes(path.value) {
            problems.add(.excludedAndHashed, at: path.place, text: path.text)
        }
        return privacy
    }

    private mutating func checkField(_ path: Written<[String]>, of table: Table, _ detail: Source.Detail) {
        let known = table.fields(detail: detail).map(\.name)
        guard known.contains(path.value[0]) else {
            return checkName(0, of: table, among: known, path)
        }
        // The lists of a conversation have fields of their own.
        guard table == .conversations, path.value.count > 1, let part = Table(rawValue: path.value[0]) else { return }
        checkName(1, of: part, among: part.fields(detail: detail).map(\.name), path)
    }

    /// Checks the name of a field in a path.
    /// - Parameter place: The index of the name in the path.
    private mutating func checkName(_ place: Int, of table: Table, among known: [String], _ path: Written<[String]>) {
        guard !known.contains(path.value[place]), let field = problems.nearest(to: path.value[place], in: known) else { return }
        var corrected = path.value
        corrected[place] = field
        let nearest = corrected.joined(separator: ".")
        problems.add(.unknownField(of: table, nearest: nearest), at: path.place, text: path.text)
    }

    /// Checks that there is a key if something is hashed.
    mutating func checkHashKey(_ pipeline: PipelineFile) {
        guard pipeline.hashKey == nil, let path = pipeline.outputs.lazy.flatMap(\.hash).first else { return }
        problems.add(.hashWithoutKey, at: path.place, text: path.text)
    }

    /// The keys of a table that another one refers to.
    private static let references: [(table: Table, field: String, added: Table.AddedField)] = [
        (.conversations, "id", .conversation), (.conversations, "conversation_id", .conversationID), (.messages, "id", .message),
    ]

    /// Adds hashes for references to a hashed key of a table, in other tables and in its own lists, so that they can still be joined.
    static func followingHashes(_ outputs: [Output]) -> [Output] {
        outputs.map { output in
            var output = output
            for list in ["messages", "feedbacks"] where output.table == .conversations && output.privacy.hashes(["id"]) {
                let path = [list, Table.AddedField.conversation.rawValue]
                if !output.privacy.hashes(path), !output.privacy.removes(path) { output.privacy.hash.append(path) }
            }
            for (table, field, added) in references where table != output.table && output.table != .conversations {
                let isHashed = outputs.contains { $0.table == table && $0.privacy.hashes([field]) }
                let path = [added.rawValue]
                if isHashed, !output.privacy.hashes(path), !output.privacy.excludes(path) { output.privacy.hash.append(path) }
            }
            return output
        }
    }
}
