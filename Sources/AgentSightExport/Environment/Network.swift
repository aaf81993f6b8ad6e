import ExportHTTP

/// The network as the environment describes it.
enum Network {
    /// For the service and for hooks.
    /// - Throws: `CommandFailure` for a variable that cannot be what it has to be.
    static func settings() throws -> NetworkSettings { try read(bundle: nil) }

    /// The network settings for a store, in which `AWS_CA_BUNDLE` takes precedence over other certificates, as in AWS tools.
    static func storeSettings() throws -> NetworkSettings { try read(bundle: "AWS_CA_BUNDLE") }

    private static func read(bundle: String?) throws -> NetworkSettings {
        do {
            return try NetworkSettings(environment: SystemText.environment, bundle: bundle)
        } catch {
            throw CommandFailure(error.description, .wrongCommand)
        }
    }
}
