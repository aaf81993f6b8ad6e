import ExportCore

/// The credentials that sign requests to a store. They are never displayed: their descriptions do not contain them.
struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    /// When they expire. `nil` if they do not.
    let expiresAt: Instant?

    init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Instant? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    /// Whether they are valid in a header. A line break at the end of a variable is easily overlooked.
    var canBeSent: Bool {
        [accessKeyID, secretAccessKey, sessionToken ?? ""].allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
    }

    /// The text with the credentials removed, in case a store repeats them.
    func redacted(in text: String) -> String {
        [secretAccessKey, sessionToken ?? "", accessKeyID].filter { !$0.isEmpty }.reduce(text) {
            $0.replacingExactly($1, with: "…")
        }
    }

    var description: String { "(credentials)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
