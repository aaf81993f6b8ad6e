import Crypto
import ExportCore
import ExportFormats
import ExportStore

/// Checks the files of one window against its manifest.
struct WindowCheck: Sendable {
    let destination: any ReadableDestination
    /// The pipeline's name. Nil where there is no pipeline file.
    let pipeline: String?

    struct Result: Sendable {
        /// Nil where it cannot be read.
        var manifest: Manifest?
        var problems: [VerifyProblem] = []
        /// Whether a newer version wrote it: which files are the window's is not known.
        var isNewer = false
    }

    /// - Throws: `StoreError` where the destination cannot be read, `CancellationError`.
    func check(_ key: String) async throws -> Result {
        let found: Manifest?
        do {
            found = try await destination.manifest(under: key)
        } catch StoreError.newerFormat(_, let format) {
            return Result(problems: [problem(.newer(format: format), ofManifest: key)], isNewer: true)
        }
        guard let manifest = found else { return Result(problems: [problem(.unreadableManifest, ofManifest: key)]) }
        var faults = self.faults(of: manifest, key)
        for file in manifest.files {
            do {
                faults += try await self.faults(of: file, in: manifest).map { ($0, file.path) }
            } catch let error as StoreError where error.isSingleFile {
                // The problems of the other files are reported too.
                faults.append((.unreadable(error), file.path))
            }
        }
        if let digests = manifest.digests, try await Baseline.digests(of: manifest, from: destination) == nil {
            faults.append((.digests, digests.path))
        }
        return Result(manifest: manifest, problems: faults.map { VerifyProblem($0.0, window: key, path: $0.path) })
    }

    private func problem(_ fault: VerifyProblem.Fault, ofManifest key: String) -> VerifyProblem {
        VerifyProblem(fault, window: key, path: destination.manifestName(ofWindow: key))
    }

    private typealias Found = (VerifyProblem.Fault, path: String?)

    /// The contradictions within a manifest.
    private func faults(of manifest: Manifest, _ key: String) -> [Found] {
        var faults: [Found] = []
        let place = destination.manifestName(ofWindow: key)
        if manifest.window.key != key { faults.append((.wrongKey(manifest.window.key), place)) }
        if let pipeline, manifest.pipeline != pipeline { faults.append((.otherPipeline(manifest.pipeline), place)) }
        let proof = manifest.proof
        if manifest.status == .unsettled {
            faults.append((.notProved(countAfter: proof.countAfter, distinctIDs: proof.distinctIDs), nil))
        }
        var firstRows: [String: Int] = [:]
        for file in manifest.files {
            let first = firstRows[file.table] ?? file.rows
            firstRows[file.table] = first
            if file.rows != first { faults.append((.unequalRows(file.rows, first: first), file.path)) }
            if file.table == Table.conversations.rawValue, file.rows != proof.distinctIDs {
                faults.append((.unprovedRows(file.rows, distinctIDs: proof.distinctIDs), file.path))
            }
        }
        return faults
    }

    /// The problems of a file: the first one that explains the others.
    private func faults(of file: Manifest.File, in manifest: Manifest) async throws -> [VerifyProblem.Fault] {
        guard let size = try await destination.size(ofFile: file.path) else { return [.missing] }
        guard size == file.bytes else { return [.size(size, written: file.bytes)] }
        var (bytes, content) = (SHA256(), SHA256())
        var tally = RowTally(file, in: manifest.window.range)
        let broken = try await FileReading.read(
            file, from: destination.openFile(file.path), bytes: { bytes.update(data: $0) }, content: { content.update(data: $0) },
            row: { tally.take($0) })
        guard bytes.finalize().hexadecimal == file.sha256 else { return [.bytes] }
        if let broken { return [broken] }
        guard content.finalize().hexadecimal == file.contentSHA256 else { return [.content] }
        guard Output.Format(rawValue: file.format) != nil else { return [] }
        let rows: [VerifyProblem.Fault] = tally.rows == file.rows ? [] : [.rows(tally.rows, written: file.rows)]
        return rows + (tally.fault.map { [$0] } ?? [])
    }
}
