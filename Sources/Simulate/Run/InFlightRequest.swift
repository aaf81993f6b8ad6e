import ExportCore

/// A request, from the moment it is handed out to the answer that counts.
struct InFlightRequest: Sendable {
    let agent: Int
    /// The place of its window among the agent's.
    let place: Int
    let request: WalkRequest
    /// Its place in the row of the key, and what it was sent with then.
    var turn: Pacer.Place?
    var sent: Pacer.Sent?
    var failures = 0
    var throttles = 0
}
