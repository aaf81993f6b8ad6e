import ExportCore
import ExportS3
import ExportStore
import Foundation
import Logging

/// A destination of a plan or of the command line, for as long as a command works with it.
enum OpenDestination {
    /// Runs `body` with the destination. Nothing is sent before `body` does.
    /// - Throws: `StoreError` if a store has no credentials; what `body` throws.
    static func with<Result: Sendable>(
        _ location: DestinationLocation, logger: Logger, _ body: (any PersistentDestination) async throws -> Result
    ) async throws -> Result {
        switch location {
        case .folder(let path):
            try await body(
                FolderDestination(path: path) { folder in
                    logger.warning(
                        """
                        the file system of \(folder) cannot sync folders to the disk, or this user may not read the folder. After \
                        a power failure, the files written last may be missing; `verify` shows whether they are
                        """)
                })
        case .s3(let location):
            try await S3Destination.with(
                location, over: Network.storeSettings(), environment: SystemText.environment,
                temporaryFolder: FileManager.default.temporaryDirectory.path, userAgent: Version.userAgent, logger: logger
            ) { try await body($0) }
        }
    }
}
