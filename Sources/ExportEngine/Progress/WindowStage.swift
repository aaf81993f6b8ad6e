import ExportCore

/// Where a window stands that is fetched no more, and is neither committed nor passed over.
enum WindowStage: Sendable {
    case walked(WalkedWindow)
    /// Its columns are fixed.
    case encoding(WalkedWindow, columns: ColumnCatalog)
    case encoded(EncodedWindow)
    case committing(rows: Int)
    case failed(WindowFailure)

    /// Whether a later run saves requests by going on from what is spooled.
    var keepsSpool: Bool {
        switch self {
        case .walked(let walked), .encoding(let walked, _): walked.keepsSpool
        case .encoded(let encoded): encoded.walked.keepsSpool
        case .committing: true
        case .failed: false
        }
    }

    /// The rows that are to be committed. Nil where the window failed.
    var rows: Int? {
        switch self {
        case .walked(let walked), .encoding(let walked, _): walked.outcome.proof.distinctIDs
        case .encoded(let encoded): encoded.walked.outcome.proof.distinctIDs
        case .committing(let rows): rows
        case .failed: nil
        }
    }
}

/// A window whose files are written, and not committed.
struct EncodedWindow: Sendable {
    let walked: WalkedWindow
    let written: WrittenWindow
    /// The columns that are known behind it.
    let columns: ColumnCatalog
}
