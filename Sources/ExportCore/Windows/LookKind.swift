/// A way to compare a committed window with the service. Each kind sees more than the one before, and costs more.
public enum LookKind: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
    /// Compares the service's counts with the sums of the exported rows.
    case counts
    /// Compares rows without transcripts, field by field.
    case lean
    /// Compares whole rows.
    case full

    public static func < (left: LookKind, right: LookKind) -> Bool { left.thoroughness < right.thoroughness }

    private var thoroughness: Int {
        switch self {
        case .counts: 0
        case .lean: 1
        case .full: 2
        }
    }

    /// A description of the changes that a look of this kind does not see. `nil` if it misses only values that the service creates anew for
    /// each response.
    public var blindSpot: String? {
        switch self {
        case .counts:
            "edits of names, texts, metadata and feedback, a second feedback, and changes that cancel each other out"
        case .lean: "texts and metadata of messages, edits of feedback, and fields that the reference does not list"
        case .full: nil
        }
    }
}

/// A tier of `window.refresh`: which committed windows are compared, how, and how often.
public struct RefreshTier: Sendable, Hashable {
    /// How windows are compared.
    public var look: LookKind
    /// The end after which windows belong to the tier. `nil` for all windows.
    public var endingAfter: Instant?
    /// A window is due if it was last compared, or written, before this. If `nil`, it is due in each run.
    public var lastBefore: Instant?

    /// Creates a tier from times that are already evaluated.
    public init(look: LookKind, endingAfter: Instant? = nil, lastBefore: Instant? = nil) {
        self.look = look
        self.endingAfter = endingAfter
        self.lastBefore = lastBefore
    }

    /// Whether a window belongs to the tier.
    public func covers(_ range: TimeRange) -> Bool { endingAfter.map { range.end > $0 } ?? true }
}
