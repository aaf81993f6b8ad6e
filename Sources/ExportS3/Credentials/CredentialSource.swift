import ExportStore
import Foundation

/// The source of credentials, by the environment and the shared files.
enum CredentialSource: Sendable, Equatable {
    case fixed(AWSCredentials)
    /// A token of another service, such as Kubernetes, that AWS exchanges for credentials.
    case webIdentity(WebIdentity)

    struct WebIdentity: Sendable, Equatable {
        var role: String
        var tokenFile: String
        var session: String
    }

    /// The first available source: the variables of keys, those of a web identity, the profile's keys, its web identity.
    /// - Throws: `ObjectStoreFault.noCredentials` as a `StoreError`.
    static func find(environment: [String: String], profile: SharedProfile, destination: String) throws(StoreError) -> Self {
        // Values read from a file often end with a line feed.
        func variable(_ name: String) -> String? {
            let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            return text.isEmpty ? nil : text
        }
        func missing(_ reason: String) -> StoreError { .objectStore(.noCredentials(because: reason), path: destination) }
        func fixed(_ keys: AWSCredentials, of place: String) throws(StoreError) -> Self {
            guard keys.canBeSent else {
                throw missing("\(place) contain a space, a line break or another character that credentials cannot contain")
            }
            return .fixed(keys)
        }
        switch (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        case (let id?, let secret?):
            let keys = AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: variable("AWS_SESSION_TOKEN"))
            return try fixed(keys, of: "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN")
        case (_?, nil): throw missing("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): throw missing("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not")
        case (nil, nil): break
        }
        let session = variable("AWS_ROLE_SESSION_NAME") ?? "agentsight-export"
        if let role = variable("AWS_ROLE_ARN"), let file = variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
            return .webIdentity(WebIdentity(role: role, tokenFile: file, session: session))
        }
        if let keys = profile.keys { return try fixed(keys, of: "the keys of the profile “\(profile.name)”") }
        if let role = profile["role_arn"], let file = profile["web_identity_token_file"] {
            return .webIdentity(
                WebIdentity(role: role, tokenFile: file, session: profile["role_session_name"] ?? session))
        }
        let others = ["role_arn", "credential_process", "sso_session", "sso_start_url", "login_session"]
        if let other = others.first(where: { profile[$0] != nil }) {
            throw missing(
                """
                the profile “\(profile.name)” has \(other), which is not supported (`aws configure export-credentials --format \
                env` prints the variables to set)
                """)
        }
        throw missing(
            profile.isThere
                ? "the profile “\(profile.name)” has no keys"
                : "the variables are not set, and the shared files have no profile “\(profile.name)”")
    }
}

extension ObjectStoreFault {
    /// The fault of missing credentials, with the reason.
    static func noCredentials(because reason: String) -> Self {
        .noCredentials(
            reason: reason,
            advice: """
                Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile of the shared files with AWS_PROFILE, or give a web \
                identity with AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
                """)
    }
}
