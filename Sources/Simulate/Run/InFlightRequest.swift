import ExportCore

/// A request, from the moment it is handed out to the answer that counts.
struct InFlightRequest: Sendable {
    let agent: Int
    /// The place of its window among the agent's.
    let place: Int
    let request: WalkRequest
    /// Its place in the row of the key.
    var sent: Pacer.Time
    var failures = 0
    var throttles = 0
}
