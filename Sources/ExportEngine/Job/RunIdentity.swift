public import ExportCore
import FoundationEssentials

extension ExportRun.Identity {
    /// Names a run by its time, to the millisecond, so that names sort by it: `20261125T035731.522Z-1a2b3c4d`.
    public init(of plan: ExportPlan, version: String, at now: Instant) throws {
        let second = now.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        let milliseconds = "\(1000 + now.microseconds / 1000 % 1000)".dropFirst()
        let tail = String(UInt32.random(in: .min ... .max) | 1 << 31, radix: 16)
        self.init(run: "\(second).\(milliseconds)Z-\(tail)", version: version, fingerprint: try plan.fingerprint)
    }
}
