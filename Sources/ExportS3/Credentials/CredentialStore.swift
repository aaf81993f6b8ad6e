import ExportCore

/// The current credentials. Those of a web identity are fetched when first needed, and again before they expire.
actor CredentialStore {
    private let source: CredentialSource
    private let exchange: @Sendable (CredentialSource.WebIdentity) async throws -> AWSCredentials
    private var current: AWSCredentials?

    /// The remaining lifetime at which new credentials are fetched.
    private static let margin = Duration.seconds(300)

    init(
        _ source: CredentialSource, exchange: @escaping @Sendable (CredentialSource.WebIdentity) async throws -> AWSCredentials
    ) {
        self.source = source
        self.exchange = exchange
    }

    /// The credentials that are valid now.
    /// - Throws: Errors of the exchange.
    func credentials(now: Instant) async throws -> AWSCredentials {
        switch source {
        case .fixed(let credentials): return credentials
        case .webIdentity(let identity):
            if let current, current.expiresAt.map({ $0.duration(since: now) > Self.margin }) ?? true { return current }
            let fresh = try await exchange(identity)
            current = fresh
            return fresh
        }
    }
}
