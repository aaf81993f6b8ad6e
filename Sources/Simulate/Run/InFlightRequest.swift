import ExportCore

/// A request, from its creation to the response that counts.
struct InFlightRequest: Sendable {
    let agent: Int
    /// The index of its window among the agent's windows.
    let place: Int
    let request: WalkRequest
    /// Its place in the pacer's queue.
    var turn: Pacer.Place?
    var sent: Pacer.Sent?
    var failures = 0
    var throttles = 0
}
