/// A value that the service makes anew for each response, so that it says nothing about a change.
///
/// It is left out of digests, and so of the question whether a row or a window came out the same.
struct VolatileField {
    /// The keys that lead to it. Lists on the way are gone through.
    let path: [String]
    /// Why it differs from response to response.
    let reason: String

    /// Links to attachments.
    static let attachmentLink = VolatileField(
        path: ["messages", "attachments", "file_url"],
        reason: "a signed link, made for each response, that expires after an hour")

    /// All that are known.
    static let all = [attachmentLink]
}
