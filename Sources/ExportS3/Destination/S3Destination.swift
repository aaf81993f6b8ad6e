public import ExportCore
package import ExportHTTP
public import ExportStore
import Foundation
package import Logging
import NIOCore
import Synchronization

/// A destination in a bucket of an S3-compatible store, or below a prefix in it.
///
/// Files of a window are staged without names in a local temporary folder. A commit first uploads them invisibly, records itself in the
/// lock, removes the old manifest, makes the files visible, and writes the manifest last, so that a manifest never lists files other than
/// its own. A run that takes over from a crashed one removes the files of the recorded commit that no manifest lists. The window then has
/// no manifest, and is due again.
///
/// A destination is used inside `with(_:over:environment:temporaryFolder:userAgent:logger:_:)`, which finds credentials as AWS's tools do:
///
/// ```swift
/// let location = ObjectLocation(bucket: "exports", prefix: "nightly", region: "eu-central-1")
/// try await S3Destination.with(
///     location, over: NetworkSettings(), environment: environment, temporaryFolder: "/tmp", userAgent: "example/1", logger: logger
/// ) { destination in
///     print(try await destination.windowKeys())
/// }
/// ```
public struct S3Destination: PersistentDestination {
    let client: StoreClient
    let location: ObjectLocation
    let staged: StagedFiles
    let logger: Logger
    /// The locks that the current run holds.
    let locks = HeldLocks()

    /// The locks of the run that this destination was opened for: that of its share and, within it, that of the columns.
    final class HeldLocks: Sendable {
        private let locks = Mutex<[ObjectLock]>([])

        func push(_ held: ObjectLock) { locks.withLock { $0.append(held) } }
        func pop() { locks.withLock { _ = $0.popLast() } }

        /// The lock on which writes depend.
        /// - Throws: `StoreError.lockLost` if none is held.
        func current(_ destination: String) throws -> ObjectLock {
            guard let held = locks.withLock(\.last) else { throw StoreError.lockLost(path: destination) }
            return held
        }
    }

    /// The destination's URL, for reports and errors.
    public var name: String { location.name }

    /// The key of a file, by its path relative to the destination.
    func key(_ path: String) -> String {
        location.prefix.isEmpty ? path : "\(location.prefix)/\(path)"
    }

    /// The path of a key relative to the destination. `nil` if the key is outside it.
    func path(ofKey key: String) -> String? {
        let prefix = self.key("")
        return key.utf8.starts(with: prefix.utf8) ? String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
    }

    /// False, because a run that takes over removes the files that no manifest lists.
    public var completesCommits: Bool { false }

    func numbers(of lock: StateLayout.Lock) -> LockNumbers { LockNumbers(prefix: key(lock.path)) }

    /// Runs `body` with a destination whose connections end with it. Only `body` causes requests.
    /// - Parameters:
    ///   - environment: The variables for credentials, region and shared files, as in AWS tools, and `AWS_ENDPOINT_URL_STS`.
    ///   - temporaryFolder: A folder with room for the files and rows of the windows in progress.
    /// - Throws: `StoreError.objectStore` if there are no credentials; what `body` throws.
    package static func with<Result: Sendable>(
        _ location: ObjectLocation, over network: NetworkSettings, environment: [String: String], temporaryFolder: String,
        userAgent: String, logger: Logger,
        _ body: (S3Destination) async throws -> Result
    ) async throws -> Result {
        let profile = SharedProfile(environment: environment) { path in
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        }
        let source = try CredentialSource.find(environment: environment, profile: profile, destination: location.name)
        let region = try region(of: location, environment, profile)
        return try await WebClient.with(network, width: 32) { http in
            let exchange = TokenExchange(
                http: http, endpoint: TokenExchange.endpoint(environment: environment, region: region), destination: location.name,
                userAgent: userAgent, logger: logger)
            let client = StoreClient(
                http: http, address: StoreAddress(location, region: region),
                credentials: CredentialStore(source) { try await exchange.credentials(for: $0) }, name: location.name,
                userAgent: userAgent, logger: logger)
            return try await body(
                S3Destination(
                    client: client, location: location, staged: StagedFiles(temporaryFolder: temporaryFolder), logger: logger))
        }
    }

    /// The region of a location, from the declaration, the environment or the profile.
    /// - Throws: `ObjectStoreFault.noRegion` as a `StoreError`.
    static func region(
        of location: ObjectLocation, _ environment: [String: String], _ profile: SharedProfile
    ) throws(StoreError) -> String {
        if let region = location.region { return region }
        let places = [
            ("AWS_REGION", environment["AWS_REGION"]), ("AWS_DEFAULT_REGION", environment["AWS_DEFAULT_REGION"]),
            ("the region of the profile", profile["region"]),
        ]
        for (place, text) in places {
            let region = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            if region.isEmpty { continue }
            guard ObjectLocation.isRegion(region) else {
                throw .objectStore(.noRegion(place: place), path: location.name)
            }
            return region
        }
        return StoreAddress.defaultRegion
    }

    // MARK: Windows under way

    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try staged.makeSpool()
    }

    public func makeFile(_ index: Int, of window: Window) throws -> OutputFile {
        try staged.make(index, of: window)
    }

    public func discard(_ window: Window, keepingRows: Bool) {
        staged.remove(window.key)
    }

    /// Does nothing, because spools are removed with their process.
    public func removeSpools(of share: Share) {}
}
