import ExportCore

extension ServiceError: CustomStringConvertible {
    /// A message with the problem and what to do next.
    public var description: String {
        switch self {
        case .keyRefused(let status, let words):
            let remedy =
                words?.lowercased().containsExactly("subscription") == true
                ? "The cause is the subscription, so another key does not help: check the billing of the account."
                : status == 403
                    ? "The key is valid but lacks permission: use a key that may read conversations."
                    : "Check that the key is complete, belongs to this deployment and has not been revoked."
            return "the service refused the key (\(status)\(Self.quote(words))). \(remedy)"
        case .requestRefused(let words):
            return "the service refused the request (400\(Self.quote(words))). Correct the filter that it names."
        case .wrongEndpoint(let status, let isHTML):
            return """
                the endpoint has no list of conversations (\(status)\(isHTML ? ", an HTML page" : "")). Check the endpoint: \
                scheme, host and port, and a path only if a proxy adds one.
                """
        case .pageOutOfRange:
            return "the service has no page with that number: the list ends before it."
        case .pageRefused(let words):
            return """
                the service answered 404 to a page of the list (“\(words)”). Even an empty list has a first page, so this does \
                not mean that there are no rows. Check what the response says, and check the endpoint: another server may answer \
                there.
                """
        case .redirected(let status):
            return """
                the service answered with a redirect (\(status)), which is not followed, because that would send the key to \
                another host. Set the endpoint to the target of the redirect.
                """
        case .unexpected(let status, let words):
            return """
                the service answered with the unexpected status \(status)\(Self.quote(words)). Check the endpoint: another server \
                may answer there.
                """
        case .unavailable(let last, let attempts):
            return """
                the service gave no usable response in \(attempts) \(attempts == 1 ? "try" : "tries"): \(last). Try again later; \
                committed windows stay, and only the others are fetched.
                """
        case .unusable(let reason, let attempts):
            return """
                the service gave the same unusable response in all \(attempts) tries: \(reason). Trying again will not help. Check \
                the endpoint with `probe`; if the service itself sends this response, report it to its operator. Committed \
                windows stay.
                """
        case .throttled(let pause, let attempts):
            // Part of the pause may have passed. Rounded up, it is the one that the service named.
            let asked = pause.map { ", and asks for a pause of \(($0 + .nanoseconds(999_999_999)).components.seconds) s" } ?? ""
            return """
                the service throttles the key (429, \(attempts) \(attempts == 1 ? "time" : "times")\(asked)). Try again later, or lower \
                fetch.rate; committed windows stay.
                """
        case .tooLarge(let limit, isSingleRow: false):
            return """
                a single page is larger than \(limit / 1_048_576) MiB. Lower fetch.page_size, raise fetch.page_limit_mib, or use \
                source.detail: lean.
                """
        case .tooLarge(let limit, isSingleRow: true):
            return """
                a single page is larger than \(limit / 1_048_576) MiB, although it has only one conversation. Raise \
                fetch.page_limit_mib, or use source.detail: lean.
                """
        case .documentTooLarge(let path, let limit):
            return """
                the response to \(path) is larger than \(limit / 1_048_576) MiB and was not read. Check the endpoint: another \
                server may answer there.
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
        case .timeout(let limit): "no complete response within \(limit.components.seconds) s"
        case .connection(let reason): "no connection (\(reason))"
        case .interrupted(let reason): "the connection was interrupted (\(reason))"
        case .malformed(let reason): "an unusable response (\(reason))"
        case .stored(let age):
            """
            a response that a cache had stored\(age.map { " for \($0.components.seconds) s" } ?? ""), which may be outdated: \
            configure the cache in front of the service to honour Cache-Control: no-cache
            """
        case .page(let status):
            """
            an HTML page with status \(status), which the service does not send: it may come from a firewall, a proxy or a \
            sign-in page; if this continues, check the endpoint, and ask your network administrator
            """
        }
    }
}
