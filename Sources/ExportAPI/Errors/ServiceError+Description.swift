import ExportCore

extension ServiceError: CustomStringConvertible {
    /// What happened, and what to do next.
    public var description: String {
        switch self {
        case .keyRefused(let status, let words):
            let remedy =
                words?.lowercased().containsExactly("subscription") == true
                ? "This is about billing, and no other key will cure it: see to the subscription."
                : status == 403
                    ? "The key is known and may not do this: use a key with the right to read conversations."
                    : "Check that the key is whole, belongs to this deployment and has not been revoked."
            return "the service refused the key (\(status)\(Self.quote(words))). \(remedy)"
        case .requestRefused(let words):
            return "the service refused the request (400\(Self.quote(words))). Mend the filter that it names."
        case .wrongEndpoint(let status, let isHTML):
            return """
                the service has no list of conversations there (\(status)\(isHTML ? ", an HTML page" : "")). \
                Check the endpoint: scheme, host and port, without a path.
                """
        case .pageOutOfRange:
            return "the service has no page of that number: the set is smaller than it was."
        case .pageRefused(let words):
            return """
                the service answered 404 to a page of the list (“\(words)”). A list without rows has a first page too, so nothing is \
                taken for empty. See to what the answer names, and check the endpoint: something else may answer there.
                """
        case .redirected(let status):
            return """
                the service answered with a redirect (\(status)), which is not followed: it would hand the key to another host. \
                Give the endpoint that it leads to.
                """
        case .unexpected(let status, let words):
            return """
                the service answered with status \(status)\(Self.quote(words)), which an exporter cannot make sense of. \
                Check the endpoint: something else may answer there.
                """
        case .unavailable(let last, let attempts):
            return """
                the service gave no usable answer in \(attempts) \(attempts == 1 ? "try" : "tries"): \(last). \
                Try again later; what is committed stays, and only the rest is fetched.
                """
        case .unusable(let reason, let attempts):
            return """
                the service gave an answer that cannot be used, the same in all of \(attempts) tries: \(reason). Trying again changes nothing \
                while it answers so. Check the endpoint with `probe`; if it is the service's own answer, tell whoever runs the service. \
                What is committed stays.
                """
        case .throttled(let pause, let attempts):
            let asked = pause.map { ", and asks for a pause of \($0.components.seconds) s" } ?? ""
            return """
                the service throttles the key (429, \(attempts) \(attempts == 1 ? "time" : "times")\(asked)). \
                Try again later, or lower fetch.rate; what is committed stays.
                """
        case .tooLarge(let limit, isSingleRow: false):
            return """
                a single page is larger than \(limit / 1_048_576) MiB. Lower fetch.page_size, raise fetch.page_limit_mib, or use \
                source.detail: lean.
                """
        case .tooLarge(let limit, isSingleRow: true):
            return """
                a single page is larger than \(limit / 1_048_576) MiB, though it is of one conversation. Raise fetch.page_limit_mib, or use \
                source.detail: lean.
                """
        case .documentTooLarge(let path, let limit):
            return """
                the answer to \(path) is larger than \(limit / 1_048_576) MiB, and was not read. \
                Check the endpoint: something else may answer there.
                """
        }
    }

    private static func quote(_ words: String?) -> String {
        words.map { ", “\($0)”" } ?? ""
    }
}

extension ServiceError.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(let status): "status \(status)"
        case .timeout(let limit): "no whole answer within \(limit.components.seconds) s"
        case .connection(let reason): "no connection (\(reason))"
        case .interrupted(let reason): "the connection was cut (\(reason))"
        case .malformed(let reason): "an answer that cannot be used (\(reason))"
        case .stored(let age):
            """
            an answer that a cache had kept\(age.map { " for \($0.components.seconds) s" } ?? ""), which proves nothing: let what stands \
            before the service pass requests on that say Cache-Control: no-cache
            """
        case .page(let status):
            """
            an HTML page with status \(status), which is not the service's word: a firewall, a proxy or a sign-in page between may have \
            given it; if this goes on, check the endpoint, and ask whoever runs the network
            """
        }
    }
}
