import Crypto
public import ExportCore
import ExportStore
import FoundationEssentials

extension ExportPlan {
    /// Stands for all in the declaration that changes what is written: `sha256:…`.
    ///
    /// The span is not in it, since it only says which windows there are, and neither is how they are fetched, nor the endpoint:
    /// a deployment may move.
    public var fingerprint: String {
        get throws {
            let material = Material(
                stream: source.stream.rawValue, detail: source.detail.rawValue,
                filters: filters.parameters.map { [$0.name, $0.value] }, onlyDeleted: filters.onlyDeleted,
                every: windowing.every.rawValue, timezone: windowing.timezone, outputs: declaredOutputs.map(OutputMaterial.init))
            return try Self.fingerprint(of: material)
        }
    }

    /// The same in two parts: which rows are asked for, and how they are written.
    public var fingerprints: Manifest.Fingerprints {
        get throws {
            Manifest.Fingerprints(
                query: try queryFingerprint, outputs: try Self.fingerprint(of: declaredOutputs.map(OutputMaterial.init)))
        }
    }

    /// Settings that say the same come to the same one.
    var queryFingerprint: String {
        get throws {
            try Self.fingerprint(
                of: QueryMaterial(
                    stream: source.stream.rawValue, detail: source.detail.rawValue, filters: CanonicalQuery(filters).pairs,
                    onlyDeleted: filters.onlyDeleted, every: windowing.every.rawValue, timezone: windowing.significantZone))
        }
    }

    /// All but the rows that are kept beside the outputs.
    var declaredOutputs: [Output] { outputs.filter { !$0.isKeptRows } }

    /// The fingerprint of a single output.
    static func fingerprint(of output: Output) throws -> String { try fingerprint(of: OutputMaterial(output)) }

    private static func fingerprint(of material: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return "sha256:\(SHA256.hash(data: try encoder.encode(material)).hexadecimal)"
    }

    private struct QueryMaterial: Encodable {
        let format = 1
        let stream, detail: String
        let filters: [[String]]
        let onlyDeleted: Bool
        let every, timezone: String
    }

    private struct Material: Encodable {
        let format = 1
        let stream, detail: String
        let filters: [[String]]
        let onlyDeleted: Bool
        let every, timezone: String
        let outputs: [OutputMaterial]
    }

    private struct OutputMaterial: Encodable {
        let table, format, compression, path, dialect: String
        let columns: [[String]]?
        // Absent where nothing is excluded or hashed.
        let exclude, hash: [[String]]?
        let hashKey: String?

        init(_ output: Output) {
            table = output.table.rawValue
            format = output.format.rawValue
            compression = "\(output.compression)"
            path = output.path
            dialect = output.dialect.rawValue
            exclude = Self.paths(output.privacy.exclude)
            hash = Self.paths(output.privacy.hash)
            hashKey = output.privacy.hash.isEmpty ? nil : output.privacy.key?.digest
            columns = output.columns?.map { selector in
                switch selector {
                case .column(let column): ["column", column.name, column.type?.rawValue ?? ""] + column.path
                case .every(let path): ["every"] + path
                case .agent(let name): ["agent", name]
                case .rest: ["rest"]
                }
            }
        }

        /// In one order: they are a set.
        private static func paths(_ paths: [[String]]) -> [[String]]? {
            paths.isEmpty
                ? nil : paths.sorted { $0.joined(separator: "\0").utf8.lexicographicallyPrecedes($1.joined(separator: "\0").utf8) }
        }
    }
}

extension Windowing {
    /// The time zone, where it matters for how windows are cut, under one of its names.
    fileprivate var significantZone: String {
        let namesOfUTC = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"]
        return every == .all || namesOfUTC.contains(timezone) ? "UTC" : timezone
    }
}
