import ExportAPI
import ExportCore

extension Console {
    /// Warns where this machine's clock and the service's differ, by what its answers say.
    func warnAboutClocks(_ clients: [ServiceClient]) {
        guard let reading = clients.lazy.compactMap(\.clockReading).first(where: { $0.isSkewed }) else { return }
        warn(
            """
            this machine's clock says \(reading.machine), the service's \(reading.service). Set this machine's clock. If it is \
            right, the service's clock is wrong, or a cache in front of the service sent old responses, which the comparison may have used
            """)
    }
}
