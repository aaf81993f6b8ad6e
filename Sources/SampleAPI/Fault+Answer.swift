extension Fault {
    /// What the fault makes of the count; nil for the others.
    var countForm: ListPage.CountForm? {
        switch self {
        case .countOff(let difference): .off(by: difference)
        case .countZero: .zero
        case .countNull: .null
        default: nil
        }
    }

    /// Puts the fault's content in the place of the answer's, where the fault is one of content and not of transport.
    func spoil(_ answer: inout Answer) {
        switch self {
        case .status(let status, html: true): answer = .html(status, "\(status) – upstream trouble")
        case .status(let status, html: false): answer = .json(["detail": "A server error occurred."], status: status)
        case .cutJSON: answer.body.removeLast(answer.body.count - answer.body.count / 2)
        case .emptyBody: answer.body = []
        case .htmlBody: answer = .html(200, "Please sign in")
        default: break
        }
    }
}
