import Crypto
import ExportCore
import ExportStore
import FoundationEssentials

extension ColumnCatalog {
    /// Tells these columns from any others: `sha256:…`.
    var digest: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return "sha256:\(SHA256.hash(data: try encoder.encode(completed)).hexadecimal)"
        }
    }
}
