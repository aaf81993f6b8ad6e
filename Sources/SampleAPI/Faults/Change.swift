/// Something about a deployment that becomes different while it serves, as when a new release is rolled out.
public struct Change: Sendable, Hashable {
    /// From this request on, counted from 1 as the faults' are.
    public var fromRequest: Int
    /// The effect of the change.
    public var effect: Effect

    /// The effect of a change.
    public enum Effect: Sendable, Hashable {
        case orderingIgnored
        /// Larger pages are clamped to it silently.
        case pageLimit(Int)
        /// These too.
        case parametersIgnored(Set<String>)
        /// Requests admitted in any second, where there is a limit.
        case rateLimit(perSecond: Int)
        /// Nobody's key opens anything any more.
        case keysRevoked
    }

    /// Creates a change that holds from a request on, counted from 1.
    public init(fromRequest: Int, _ effect: Effect) {
        self.fromRequest = fromRequest
        self.effect = effect
    }
}

extension SampleService.Configuration {
    /// The deployment as the request of a number meets it.
    func at(request number: Int) -> Self {
        var configuration = self
        for change in changes where change.fromRequest <= number {
            switch change.effect {
            case .orderingIgnored: configuration.ordering = .ignored
            case .pageLimit(let limit): configuration.maximumPageSize = limit
            case .parametersIgnored(let names): configuration.ignoredParameters.formUnion(names)
            case .rateLimit(let requests): configuration.rateLimit?.perSecond = requests
            case .keysRevoked: configuration.keys = [:]
            }
        }
        return configuration
    }
}
