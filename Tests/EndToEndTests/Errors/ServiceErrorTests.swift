import Foundation
import SampleAPI
import Testing

@Suite struct ServiceErrorTests {
    /// A deployment, what is done to it, and what is read then.
    struct Trouble: CustomTestStringConvertible, Sendable {
        let name: String
        let arguments: String
        let lines: [String]
        let configure: @Sendable (inout SampleService.Configuration) -> Void

        init(
            _ name: String, _ arguments: String, _ session: String,
            _ configure: @escaping @Sendable (inout SampleService.Configuration) -> Void = { _ in }
        ) {
            (self.name, self.arguments, self.configure) = (name, arguments, configure)
            lines = session.split(separator: "\n").map(String.init)
        }

        var testDescription: String { name }
    }

    @Test("what is said of a service in trouble", arguments: troubles)
    func said(_ trouble: Trouble) async throws {
        var configuration = SampleService.Configuration()
        trouble.configure(&configuration)
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    "{ version: 1, name: p, window: { to: 2026-05-01, every: all }, destination: out, fetch: { retries: 1 } }",
                    to: "p.yml")
                let lines = try await Session.lines(after: "agentsight-export \(trouble.arguments)", in: folder, endpoint: endpoint)
                // What a run says of its course is not of interest here.
                #expect(lines.filter { !$0.hasPrefix("p: 1 window") && !$0.hasPrefix("  ") } == trouble.lines)
            }
        }
    }

    private static func always(_ fault: Fault) -> @Sendable (inout SampleService.Configuration) -> Void {
        { $0.faults = .random(seed: 1, probability: 1, among: [fault]) }
    }

    private static let troubles = [
        Trouble(
            "a key that is not known", "run p.yml",
            """
            error: the service refused the key (401, “Invalid API key.”). Check that the key is complete, belongs to this \
            deployment and has not been revoked.
            exit 3
            """
        ) { $0.keys = [:] },
        Trouble(
            "an agent that is not paid for", "run p.yml",
            """
            error: the service refused the key (401, “This agent has no active subscription.”). The cause is the subscription, so \
            another key does not help: check the billing of the account.
            exit 3
            """
        ) { $0.keys = [SampleService.key: .unpaid] },
        Trouble(
            "a key that may not read", "run p.yml",
            """
            error: the service refused the key (403, “You do not have permission to perform this action.”). The key is valid but \
            lacks permission: use a key that may read conversations.
            exit 3
            """
        ) { $0.keys = [SampleService.key: .forbidden] },
        Trouble(
            "no such route", "run p.yml",
            """
            error: the endpoint has no list of conversations (404, an HTML page). Check the endpoint: scheme, host and port, \
            and a path only if a proxy adds one.
            exit 1
            """
        ) { $0.absentRoutes.insert(.conversations) },
        Trouble(
            "a first page that is not found", "run p.yml",
            """
            error: the service answered 404 to a page of the list (“A server error occurred.”). Even an empty list has a first \
            page, so this does not mean that there are no rows. Check what the response says, and check the endpoint: another \
            server may answer there.
            exit 1
            """, always(.status(404))),
        Trouble(
            "a list without end", "run p.yml --set fetch.page_size=10 --set fetch.concurrency=1",
            """
            warning: p, window all: the service's list does not add up: 250 requests returned 2241 rows, although it counted 30, \
            and the list did not end. The window was not committed, and its last export stays. Check the endpoint and the rows \
            that the service lists for the span of the window, then run again.
            exit 1
            """, always(.listEndless(times: 3))),
        Trouble(
            "a redirect", "run p.yml",
            """
            error: the service answered with a redirect (302), which is not followed, because that would send the key to another \
            host. Set the endpoint to the target of the redirect.
            exit 1
            """, always(.redirect(to: "http://elsewhere.example/"))),
        Trouble(
            "a status that says nothing", "run p.yml",
            """
            error: the service answered with the unexpected status 418, “A server error occurred.”. Check the endpoint: another \
            server may answer there.
            exit 1
            """, always(.status(418))),
        Trouble(
            "500", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: status 500. Try again later; committed \
            windows stay, and only the others are fetched.
            exit 75
            """, always(.status(500))),
        Trouble(
            "502 with HTML", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: status 502. Try again later; committed \
            windows stay, and only the others are fetched.
            exit 75
            """, always(.status(502, html: true))),
        Trouble(
            "a reset before the answer", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: the connection was interrupted (connection \
            reset by peer). Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.resetBeforeAnswer)),
        Trouble(
            "a reset in the body", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: the connection was interrupted (connection \
            reset by peer). Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.resetInBody)),
        Trouble(
            "a cut body", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: the connection was interrupted (the response \
            was truncated or is not HTTP). Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.cutBody)),
        Trouble(
            "cut JSON", "run p.yml",
            """
            warning: p, window all: the service gave the same unusable response in all 2 tries: the page is not JSON: the text \
            ends too early at byte 110534. Trying again will not help. Check the endpoint with `probe`; if the service itself \
            sends this response, report it to its operator. Committed windows stay.
            exit 1
            """, always(.cutJSON)),
        Trouble(
            "an empty body", "run p.yml",
            """
            warning: p, window all: the service gave the same unusable response in all 2 tries: the page is not JSON: the text \
            ends too early at byte 0. Trying again will not help. Check the endpoint with `probe`; if the service itself sends \
            this response, report it to its operator. Committed windows stay.
            exit 1
            """, always(.emptyBody)),
        Trouble(
            "a web page", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: an HTML page with status 200, which the \
            service does not send: it may come from a firewall, a proxy or a sign-in page; if this continues, check the endpoint, \
            and ask your network administrator. Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.htmlBody)),
        Trouble(
            "a web page with 403", "run p.yml",
            """
            warning: p, window all: the service gave no usable response in 2 tries: an HTML page with status 403, which the \
            service does not send: it may come from a firewall, a proxy or a sign-in page; if this continues, check the endpoint, \
            and ask your network administrator. Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.status(403, html: true))),
        Trouble(
            "a web page with 401", "probe p.yml",
            """
            error: the service gave no usable response in 2 tries: an HTML page with status 401, which the service does not send: \
            it may come from a firewall, a proxy or a sign-in page; if this continues, check the endpoint, and ask your network \
            administrator. Try again later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.status(401, html: true))),
        Trouble(
            "a byte order mark", "run p.yml -q",
            """
            exit 0
            """, always(.byteOrderMark)),
        Trouble(
            "an answer that does not come", "run p.yml --set fetch.timeout=1s",
            """
            warning: p, window all: the service gave no usable response in 2 tries: no complete response within 1 s. Try again \
            later; committed windows stay, and only the others are fetched.
            exit 75
            """, always(.stallBeforeAnswer(.seconds(60)))),
        Trouble(
            "a count that is null", "run p.yml",
            """
            warning: p, window all: the service gave the same unusable response in all 2 tries: a list without a count. Trying \
            again will not help. Check the endpoint with `probe`; if the service itself sends this response, report it to its \
            operator. Committed windows stay.
            exit 1
            """, always(.countNull)),
        Trouble(
            "a count of nothing", "run p.yml",
            """
            warning: p: 1 window unsettled (all): rows changed during the export, the service's counts disagree with its rows, \
            or the window has not ended according to the service's clock. \
            The next run exports them again
            exit 4
            """, always(.countZero)),
        Trouble(
            "a count that is off", "run p.yml",
            """
            warning: p: 1 window unsettled (all): rows changed during the export, the service's counts disagree with its rows, \
            or the window has not ended according to the service's clock. \
            The next run exports them again
            exit 4
            """, always(.countOff(by: 1))),
        Trouble(
            "a row from outside", "run p.yml --set fetch.concurrency=1",
            """
            error: the service did not apply “started_at_after”: it returned a row that does not match. This window was not \
            committed. Check the deployment with `probe`; no window can be exported without time ranges.
            exit 1
            """, always(.rowOutsideWindow)),
        Trouble(
            "429 for days", "run p.yml",
            """
            error: the service throttles the key (429, 1 time, and asks for a pause of 86400 s). Try again later, or lower \
            fetch.rate; committed windows stay.
            exit 75
            """, always(.throttle(retryAfter: "360000"))),
        Trouble(
            "a filter that is ignored", "run p.yml --set filters.device=mobile",
            """
            error: the service did not apply “device”: it returned a row that does not match. This window was not committed. \
            Check the deployment with `probe`; remove the filter if the deployment does not support it.
            exit 1
            """
        ) { $0.ignoredParameters = ["device"] },
        Trouble(
            "a detail that is ignored", "run p.yml --set source.detail=lean",
            """
            error: the service did not apply “full”: it returned a row with another detail than source.detail. This window was \
            not committed. Set source.detail to the detail that this deployment returns: full for rows with their messages, lean \
            for rows with counts instead.
            exit 1
            """
        ) { $0.ignoredParameters = ["full"] },
        Trouble(
            "a parameter of extra that is ignored", "run p.yml --set filters.extra.colour=blue",
            """
            error: p: the service ignores “colour”, which filters.extra sends: it counts 370 conversations with it, without it, \
            and with a value that no conversation has. Nothing was written. Correct the name, or remove it; to send it anyway, \
            set filters.extra_unchecked: true, or give --extra-unchecked to dump.
            exit 2
            """
        ) { _ in },
        Trouble(
            "preview of nothing", "preview p.yml --set filters.customer_id=nobody",
            """
            no rows: the service has none that match these filters in everything before NOW
            exit 0
            """),
        Trouble(
            "probe with a key that is not known", "probe",
            """
            error: the service refused the key (401, “Invalid API key.”). Check that the key is complete, belongs to this \
            deployment and has not been revoked.
            exit 3
            """
        ) { $0.keys = [:] },
    ]
}
