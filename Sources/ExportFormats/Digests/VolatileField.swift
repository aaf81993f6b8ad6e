/// A field that the service creates anew for each response, so that a difference does not indicate a change.
///
/// It is left out of digests, and therefore of comparisons of rows and windows.
struct VolatileField {
    /// The path of the field, which applies to all elements of lists.
    let path: [String]
    /// Why it differs from response to response.
    let reason: String

    /// Links to attachments.
    static let attachmentLink = VolatileField(
        path: ["messages", "attachments", "file_url"],
        reason: "a signed link, made for each response, that expires after an hour")

    /// All known volatile fields.
    static let all = [attachmentLink]
}
