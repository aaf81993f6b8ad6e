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
                every: windowing.every.rawValue, timezone: windowing.timezone, outputs: outputs.map(OutputMaterial.init))
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return "sha256:\(SHA256.hash(data: try encoder.encode(material)).hexadecimal)"
        }
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
