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
            return "sha256:\(SHA256.hash(data: try encoder.encode(self)).hexadecimal)"
        }
    }

    /// Adds the keys that windows brought and that nobody has made columns of.
    mutating func add(broughtBy states: [WindowState], in destination: any Destination) async throws {
        let digest = try digest
        for state in states where state.broughtWith == digest {
            guard case .manifest(let manifest, _) = try await destination.standing(of: state.window) else { continue }
            add(manifest.brought?.keys ?? [], window: state.window.key)
        }
    }
}
