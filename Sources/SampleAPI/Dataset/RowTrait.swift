/// Something a row is sure to have, so that every filter of the service finds rows in a small dataset, and not only by luck.
///
/// Each occurs once in 40 rows.
enum RowTrait: Int, CaseIterable, Sendable {
    case passwordReset, databaseError, databaseLookup, apiCall
    case happyVIP, unhappyPending, resolvedPremium, positiveAnalysis
    case knownCustomer, premiumCustomer, happyMobileEnglish, platformNeutral
    case withoutMessages, nullMetadata, emptyMetadata, hugeNumbers, oddKeys, scalarAnalysis, arrayAnalysis, oddNumbers
    case formulas, markup, syntax, unicode, emptyTexts, nulls
    case withTicket, attachments, unknownKeys, long, development, knownAddress, lateFeedback, quotedMetadata
    case arabic, hebrew, japanese, chinese, hindi, thai

    /// The language the trait asks for. `nil` if any will do.
    var phrasebook: Phrasebook? {
        switch self {
        case .passwordReset, .databaseError, .happyMobileEnglish: .english
        case .arabic: .arabic
        case .hebrew: .hebrew
        case .japanese: .japanese
        case .chinese: .chinese
        case .hindi: .hindi
        case .thai: .thai
        default: nil
        }
    }
}
