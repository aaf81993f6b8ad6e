/// How a committed window is compared with the service: each kind sees more than the one before, and costs more.
public enum LookKind: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
    /// The service's counts are compared with the sums of the rows that were exported.
    case counts
    /// Rows without transcripts are compared, field by field.
    case lean
    /// Whole rows are compared.
    case full

    public static func < (left: LookKind, right: LookKind) -> Bool { left.thoroughness < right.thoroughness }

    private var thoroughness: Int {
        switch self {
        case .counts: 0
        case .lean: 1
        case .full: 2
        }
    }

    /// The changes that a look of this kind does not see, for people. Nil: only values that the service creates anew for each response.
    public var blindSpot: String? {
        switch self {
        case .counts:
            "edits of names, texts, metadata and feedback, a second feedback, and changes that cancel each other out"
        case .lean: "message texts and metadata, and edited feedback"
        case .full: nil
        }
    }
}

/// Which committed windows are looked at, how, and how often. A tier of `window.refresh`.
public struct RefreshTier: Sendable, Hashable {
    /// How windows are looked at.
    public var look: LookKind
    /// The tier is for windows that end later than this. Nil: for all.
    public var endingAfter: Instant?
    /// A window is due that was last looked at, or written, before this. Nil: each run looks at it.
    public var lastBefore: Instant?

    /// Creates a tier, of which times are worked out.
    public init(look: LookKind, endingAfter: Instant? = nil, lastBefore: Instant? = nil) {
        self.look = look
        self.endingAfter = endingAfter
        self.lastBefore = lastBefore
    }

    /// Whether the tier is for a window.
    public func covers(_ range: TimeRange) -> Bool { endingAfter.map { range.end > $0 } ?? true }
}
