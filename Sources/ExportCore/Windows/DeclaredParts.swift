/// The parts of a declaration, so that the difference from another declaration can be reported.
public struct DeclaredParts: Sendable, Hashable {
    /// The fingerprints that manifests of this declaration have.
    public var fingerprints: Manifest.Fingerprints
    /// The filters in canonical form.
    package var query: CanonicalQuery
    /// The query fingerprints of declarations that differ from this one in a single setting, each with a description of that change.
    package var neighbours: [String: String]
    /// The outputs, in order.
    package var outputs: [Part]
    /// Whether rows are kept beside the outputs.
    package var keepsRows: Bool

    /// An output of the declaration.
    package struct Part: Sendable, Hashable {
        /// The fingerprint of files that were written for it.
        package var fingerprint: String
        /// The table, format and path as in the pipeline file.
        package var table, format, path: String

        /// Creates the part of an output.
        package init(fingerprint: String, _ output: Output) {
            self.fingerprint = fingerprint
            (table, format, path) = (output.table.rawValue, output.format.rawValue, output.path)
        }
    }

    /// Creates the parts of a declaration.
    package init(
        fingerprints: Manifest.Fingerprints, query: CanonicalQuery, neighbours: [String: String], outputs: [Part], keepsRows: Bool
    ) {
        self.fingerprints = fingerprints
        self.query = query
        self.neighbours = neighbours
        self.outputs = outputs
        self.keepsRows = keepsRows
    }

    /// How a declaration differs from the one that wrote a window.
    package enum Change: Sendable, Hashable {
        /// Other rows are requested.
        case query(String)
        /// The same rows are written in another way.
        case outputs(String)
    }

    /// The change since the declaration that wrote a window, by its manifest. `nil` if the two are equivalent.
    package func change(since manifest: Manifest, paths: [String]) -> Change? {
        guard let theirs = manifest.fingerprints else { return changeSinceOlderVersion(manifest, paths: paths) }
        guard theirs.query == fingerprints.query else { return .query(reasonOfQuery(manifest)) }
        return theirs.outputs == fingerprints.outputs ? nil : .outputs(reasonOfOutputs(manifest, paths: paths))
    }

    /// The change since a declaration of 0.1.0, whose manifests have only one fingerprint and the filters. They do not distinguish two ways
    /// of requesting deleted rows.
    private func changeSinceOlderVersion(_ manifest: Manifest, paths: [String]) -> Change {
        guard let earlier = CanonicalQuery(sent: manifest.query) else { return .query(Self.unknown) }
        let changes = query.changes(since: earlier)
        guard changes.isEmpty else { return .query(Self.list(changes)) }
        guard !earlier.pairs.contains(where: { $0[0] == FilterName.includeDeleted.rawValue }) else { return .query(Self.unknown) }
        return .outputs(reasonOfOutputs(manifest, paths: paths))
    }

    private static let unknown = "the pipeline file has changed since"

    private func reasonOfQuery(_ manifest: Manifest) -> String {
        if let setting = neighbours[manifest.fingerprints?.query ?? ""] { return setting }
        guard let earlier = CanonicalQuery(sent: manifest.query) else { return Self.unknown }
        let changes = query.changes(since: earlier)
        return changes.isEmpty ? "source.detail, window.timezone or filters.only_deleted has changed" : Self.list(changes)
    }

    private func reasonOfOutputs(_ manifest: Manifest, paths: [String]) -> String {
        let files = Dictionary(manifest.outputFiles.map { (Array($0.path.utf8), $0) }) { first, _ in first }
        var changes: [String] = []
        for (number, (part, path)) in zip(outputs, paths).enumerated() {
            let name = "output \(number + 1) (\(part.path.shown()))"
            guard let file = files[Array(path.utf8)] else {
                changes.append("\(name) is new")
                continue
            }
            let isSame =
                file.table == part.table && file.format == part.format && file.output ?? part.fingerprint == part.fingerprint
            if !isSame { changes.append("\(name) has changed") }
        }
        let declared = Set(paths.map { Array($0.utf8) })
        changes += manifest.outputFiles.filter { !declared.contains(Array($0.path.utf8)) }.map {
            "\($0.path.shown()) is no longer declared"
        }
        return changes.isEmpty ? "the columns, options or order of outputs have changed" : Self.list(changes)
    }

    /// The first few changes, as a list in words.
    private static func list(_ changes: [String]) -> String {
        let most = 3
        return changes.prefix(most).joined(separator: ", ") + (changes.count > most ? " and \(changes.count - most) more" : "")
    }
}
