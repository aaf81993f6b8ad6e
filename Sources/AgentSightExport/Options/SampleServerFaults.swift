import ArgumentParser
import ExportCore
import SampleAPI

/// A kind of fault, by the name it has on the command line.
enum FaultForm: String, ExpressibleByArgument, CaseIterable {
    case status500 = "500"
    case status502 = "502"
    case status503 = "503"
    case status504 = "504"
    case resetBefore = "reset-before"
    case resetInBody = "reset-in-body"
    case cutBody = "cut-body"
    case cutJSON = "cut-json"
    case empty
    case html
    case throttle
    case stallBefore = "stall-before"
    case stallInBody = "stall-in-body"
    case drip
    case countOff = "count-off"
    case countZero = "count-zero"
    case countNull = "count-null"
    case countJitter = "count-jitter"
    case rowOutside = "row-outside"
    case nextMissing = "next-missing"
    case nextEndless = "next-endless"

    /// Those that cost no long wait, and that another try cures.
    static let passing: [FaultForm] = [
        .status500, .status502, .status503, .status504, .resetBefore, .resetInBody, .cutBody, .cutJSON, .empty, .html,
    ]

    var fault: Fault {
        switch self {
        case .status500: .status(500)
        case .status502: .status(502, html: true)
        case .status503: .status(503, html: true)
        case .status504: .status(504, html: true)
        case .resetBefore: .resetBeforeAnswer
        case .resetInBody: .resetInBody
        case .cutBody: .cutBody
        case .cutJSON: .cutJSON
        case .empty: .emptyBody
        case .html: .htmlBody
        case .throttle: .throttle(retryAfter: "1")
        case .stallBefore: .stallBeforeAnswer(.seconds(120))
        case .stallInBody: .stallInBody(.seconds(120))
        case .drip: .drip(pieces: 20, pause: .milliseconds(100))
        case .countOff: .countOff(by: 1)
        case .countZero: .countZero
        case .countNull: .countNull
        case .countJitter: .countJitter(upTo: 2)
        case .rowOutside: .rowOutsideWindow
        case .nextMissing: .nextMissing
        case .nextEndless: .nextEndless
        }
    }
}

/// A change from a request on: `40:page-limit=20`.
struct LaterForm: ExpressibleByArgument {
    let change: Change?
    let faults: FaultPlan?

    init?(argument: String) {
        let parts = argument.splitExactly(at: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[0]), number > 0 else { return nil }
        let words = parts[1].splitExactly(at: "=", maxSplits: 1)
        switch (words[0], words.count > 1 ? String(words[1]) : nil) {
        case ("ordering-ignored", nil): self.init(number, .orderingIgnored)
        case ("keys-revoked", nil): self.init(number, .keysRevoked)
        case ("ignore", let name?): self.init(number, .parametersIgnored([name]))
        case ("page-limit", let text?):
            guard let rows = Int(text), rows > 0 else { return nil }
            self.init(number, .pageLimit(rows))
        case ("rate-limit", let text?):
            guard let requests = Int(text), requests > 0 else { return nil }
            self.init(number, .rateLimit(perSecond: requests))
        case ("gone", let text?):
            guard let requests = Int(text), requests > 0, let last = Self.last(of: requests, from: number) else { return nil }
            self.init(change: nil, faults: .during(number...last, .resetBeforeAnswer))
        default: return nil
        }
    }

    private init(_ number: Int, _ effect: Change.Effect) {
        self.init(change: Change(fromRequest: number, effect), faults: nil)
    }

    private init(change: Change?, faults: FaultPlan?) {
        (self.change, self.faults) = (change, faults)
    }

    /// `nil` if there is no number so large.
    private static func last(of requests: Int, from number: Int) -> Int? {
        let (sum, overflows) = number.addingReportingOverflow(requests - 1)
        return overflows ? nil : sum
    }
}
