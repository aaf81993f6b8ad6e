/// The settings of a profile in the files shared by AWS tools.
struct SharedProfile {
    let name: String
    /// The settings in `credentials`, then those in `config`.
    private let settings: [[String: String]]

    /// Reads the profile that the environment selects.
    /// - Parameter read: Returns the text of a file. `nil` if it cannot be read.
    init(environment: [String: String], read: (String) -> String?) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let name = variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE") ?? "default"
        self.name = name
        let home = variable("HOME").map { "\($0)/.aws/" }
        let credentials = variable("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { $0 + "credentials" }
        let config = variable("AWS_CONFIG_FILE") ?? home.map { $0 + "config" }
        func file(_ path: String?) -> SharedFile? { path.flatMap(read).map(SharedFile.init) }
        settings = [
            file(credentials)?[name] ?? [:],
            file(config).flatMap { $0["profile \(name)"] ?? (name == "default" ? $0[name] : nil) } ?? [:],
        ]
    }

    var isThere: Bool { settings.contains { !$0.isEmpty } }

    subscript(setting: String) -> String? {
        settings.lazy.compactMap { $0[setting] }.first { !$0.isEmpty }
    }

    /// The keys of one of the files. Keys of both are never combined.
    var keys: AWSCredentials? {
        settings.lazy.compactMap { settings in
            guard let id = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"], !id.isEmpty,
                !secret.isEmpty
            else { return nil }
            let token = settings["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 }
            return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
        }.first
    }
}
