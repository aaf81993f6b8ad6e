/// Values that the service makes anew for each response, so that they say nothing about a change.
///
/// They are left out of whole digests, and so of the question whether a window came out the same.
enum VolatileValues {
    /// A value, by the keys that lead to it. Lists on the way are gone through.
    struct Value {
        let path: [String]
        let reason: String
    }

    static let all = [
        Value(
            path: ["messages", "attachments", "file_url"],
            reason: "a signed link, made for each response, that expires after an hour")
    ]
}
