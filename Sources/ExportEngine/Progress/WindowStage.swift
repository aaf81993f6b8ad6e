import ExportCore

/// The stage of a window that is no longer fetched, and neither committed nor passed over.
enum WindowStage: Sendable {
    case walked(WalkedWindow)
    /// Its columns are fixed, and its files are being written.
    case encoding(WalkedWindow, columns: ColumnCatalog)
    case encoded(EncodedWindow)
    case committing(rows: Int)
    case failed(WindowFailure)

    /// Whether a later run saves requests by continuing from the spooled rows.
    var keepsSpool: Bool {
        switch self {
        case .walked(let walked), .encoding(let walked, _): walked.keepsSpool
        case .encoded(let encoded): encoded.walked.keepsSpool
        case .committing: true
        case .failed: false
        }
    }

    /// The number of rows to commit. `nil` if the window failed.
    var rows: Int? {
        switch self {
        case .walked(let walked), .encoding(let walked, _): walked.outcome.proof.distinctIDs
        case .encoded(let encoded): encoded.walked.outcome.proof.distinctIDs
        case .committing(let rows): rows
        case .failed: nil
        }
    }
}

/// A window whose files are written but not committed.
struct EncodedWindow: Sendable {
    let walked: WalkedWindow
    let written: WrittenWindow
    /// The columns known after the window.
    let columns: ColumnCatalog
}
