import ExportHTTP

extension ServiceError.Failure {
    init(_ failure: ConnectionFailure) {
        self =
            switch failure {
            case .timeout(let limit): .timeout(limit)
            case .unreachable(let reason): .connection(reason: reason)
            case .interrupted(let reason): .interrupted(reason: reason)
            }
    }
}
