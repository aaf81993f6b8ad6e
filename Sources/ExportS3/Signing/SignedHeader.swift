import ExportCore

/// A header's value as it is signed.
package enum SignedHeader {
    /// Without spaces at the ends, and with one where there are several.
    package static func folded(_ value: String) -> String {
        value.splitExactly(at: " ").joined(separator: " ")
    }
}
