import Crypto
import ExportCore
import ExportFormats
import ExportStore

/// A destination's record of a window's rows, for comparing them with the service.
enum Baseline: Sendable {
    /// Digests, from their file or from rows that stand there as they came.
    case digests(WindowDigests, DigestCoverage)
    /// Ids alone, from a file that has them.
    case ids(Set<Int64>)
    /// How many rows there are.
    case count(Int)

    /// Reads it from a destination. What is damaged counts as not there.
    /// - Parameter unshared: Fields that digests must not cover, so that those that stand there are of no use.
    /// - Throws: `StoreError` where the destination cannot be read, `CancellationError`.
    static func read(
        of manifest: Manifest, _ plan: ExportPlan, leavingOut unshared: Set<String> = [], from destination: any ReadableDestination
    ) async throws -> Baseline {
        if unshared.isEmpty, let digests = try await digests(of: manifest, from: destination),
            let coverage = DigestCoverage(of: digests, in: plan)
        {
            return .digests(digests, coverage)
        }
        let all = DigestCoverage(of: plan)
        if let coverage = unshared.isEmpty ? all : all.leavingOut(unshared) {
            for file in manifest.files {
                if let digests = try await skippingDamage({ try await self.digests(of: file, coverage, from: destination) }) {
                    return .digests(digests, DigestCoverage(keys: digests.keys, leftOut: coverage.leftOut, key: coverage.key))
                }
            }
        }
        for file in manifest.files where file.keys.id != nil {
            if let ids = try await skippingDamage({ try await ids(of: file, from: destination) }) { return .ids(ids) }
        }
        return .count(manifest.proof.distinctIDs)
    }

    /// The digests that were written with the window. Nil where there are none, or not those of these rows.
    static func digests(of manifest: Manifest, from destination: any ReadableDestination) async throws -> WindowDigests? {
        guard let file = manifest.digests else { return nil }
        return try await skippingDamage {
            guard try await destination.size(ofFile: file.path) == file.bytes else { return nil }
            var (content, input): ([UInt8], any ReadableFile) = ([], try await destination.openFile(file.path))
            while let chunk = try await input.next() { content += chunk }
            guard SHA256.hash(data: content).hexadecimal == file.sha256, let digests = WindowDigests(decoding: content),
                digests.rows.count == manifest.proof.distinctIDs
            else { return nil }
            return digests
        }
    }

    /// The digests of rows that a file has as they came.
    private static func digests(
        of file: Manifest.File, _ coverage: DigestCoverage, from destination: any ReadableDestination
    ) async throws -> WindowDigests? {
        guard file.hasRowsAsTheyCame, file.rows <= WindowDigests.maximumRows,
            try await destination.size(ofFile: file.path) == file.bytes
        else { return nil }
        var (collector, hash, rest, isWhole) = (DigestCollector(coverage, sums: false), SHA256(), [UInt8](), true)
        let fault = try await FileReading.read(
            file, from: try await destination.openFile(file.path), bytes: { hash.update(data: $0) }
        ) { content in
            rest += content
            var start = 0
            while isWhole, let end = rest.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<rest.count) {
                do { try collector.add(rest.span.extracting(start..<end)) } catch { isWhole = false }
                start = end + 1
            }
            rest.removeFirst(start)
        } row: { _ in
        }
        guard fault == nil, isWhole, rest.isEmpty, hash.finalize().hexadecimal == file.sha256 else { return nil }
        return collector.digests
    }

    private static func ids(of file: Manifest.File, from destination: any ReadableDestination) async throws -> Set<Int64>? {
        guard try await destination.size(ofFile: file.path) == file.bytes else { return nil }
        var ids: Set<Int64> = []
        let fault = try await FileReading.read(file, from: destination.openFile(file.path)) { row in
            if let id = row.id { ids.insert(id) }
        }
        return fault == nil ? ids : nil
    }

    private static func skippingDamage<Value>(_ body: () async throws -> Value?) async throws -> Value? {
        do { return try await body() } catch let error as StoreError where error.isSingleFile { return nil }
    }
}
