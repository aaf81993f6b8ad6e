import ExportCore
import ExportWarehouse
import Foundation

extension WarehouseSystem {
    /// Where the system reads the files of a destination.
    /// - Parameters:
    ///   - filesAt: What the command line says.
    ///   - isRead: Whether files are to be read at all.
    /// - Throws: `CommandFailure` if the system does not read such a place.
    func files(of location: DestinationLocation, at filesAt: String?, isRead: Bool) throws -> String {
        if let filesAt { return filesAt.endsExactly(with: "/") ? String(filesAt.dropLast()) : filesAt }
        let place =
            switch location {
            case .folder(let path): URL(fileURLWithPath: path).standardizedFileURL.path
            case .s3(let store): store.name
            }
        let example: String? =
            switch (self, location) {
            case (.bigquery, _): "gs://bucket/prefix"
            case (.snowflake, _): "@stage/prefix"
            case (.redshift, .folder): "s3://bucket/prefix"
            case (.postgres, .s3): "a folder with a copy"
            case (.redshift, .s3), (.postgres, .folder), (.duckdb, _), (.clickhouse, _): nil
            }
        if isRead, let example {
            throw CommandFailure(
                "\(rawValue) cannot read \(place). Give the place where it can read the files: --files-at \(example).",
                .wrongCommand)
        }
        return place
    }
}
