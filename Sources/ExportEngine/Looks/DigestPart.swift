import ExportCore
import ExportFormats

/// Which of a row's digests is compared.
enum DigestPart: Sendable {
    case lean, whole

    /// Rows that were exported without transcripts are compared as they came.
    init(of look: LookKind, _ plan: ExportPlan) {
        self = look == .full || plan.source.detail == .lean ? .whole : .lean
    }
}

extension RowDigest {
    subscript(part: DigestPart) -> UInt64 {
        switch part {
        case .lean: lean
        case .whole: whole
        }
    }
}
