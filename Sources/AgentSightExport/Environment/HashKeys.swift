import ExportCore

extension ExportPlan {
    /// Reads the key of hashed values, for the outputs that need it.
    /// - Throws: `CommandFailure` if there is none, or it is too short.
    mutating func readHashKey() throws {
        guard let source = hashKey, outputs.contains(where: { !$0.privacy.hash.isEmpty }) else { return }
        let key = try Self.hashKey(from: source)
        for index in outputs.indices where !outputs[index].privacy.hash.isEmpty { outputs[index].privacy.key = key }
    }

    private static func hashKey(from source: Source.KeySource) throws -> HashKey {
        let text: String?
        let place: String
        switch source {
        case .environment(let variable):
            guard let value = SystemText.environment[variable], !value.isEmpty else {
                throw CommandFailure(
                    "there is no hash key: set \(variable) to a secret of at least \(HashKey.shortest) characters, or name a file with hash_key_file.",
                    .wrongCommand)
            }
            place = "the variable \(variable)"
            text = SystemText.unreadableVariables.contains(variable) ? nil : value
        case .file(let path):
            guard let content = SmallFile.read(path, atMost: 1 << 16) else {
                throw CommandFailure(
                    "the hash key file \(path) cannot be read. Check hash_key_file and the permissions of the file.", .wrongCommand)
            }
            place = "the hash key file \(path)"
            text = String(validating: content, as: UTF8.self)
        }
        guard let key = text.flatMap({ HashKey($0) }) else {
            throw CommandFailure(
                "\(place) does not contain a hash key: expected text of at least \(HashKey.shortest) characters, such as the output of `openssl rand -hex 32`.",
                .wrongCommand)
        }
        return key
    }
}
