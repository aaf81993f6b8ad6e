import ExportAPI
import ExportCore
import ExportEngine
import ExportLoad
import ExportPipelines
import ExportStore
import ExportWarehouse

/// Exit codes, as documented.
enum ExitStatus: Int32 {
    case done = 0
    case someWindowsFailed = 1
    /// Nothing was sent.
    case wrongCommand = 2
    case keyRefused = 3
    case unsettled = 4
    case tryAgain = 75
    case interrupted = 130
    /// The reader of standard output closed it: 128 + SIGPIPE, as in a shell.
    case brokenPipe = 141
    case terminated = 143
}

extension ExitStatus {
    /// The worse of two: a wrong command, a refused key, failed windows, what may succeed later, unsettled windows, success.
    func worse(of other: ExitStatus) -> ExitStatus {
        let order: [ExitStatus] = [.wrongCommand, .keyRefused, .someWindowsFailed, .tryAgain, .unsettled, .done]
        return order.first { $0 == self || $0 == other } ?? self
    }
}

/// The failure of a command, with its message. All commands throw it, and only `main` shows it.
struct CommandFailure: Error, CustomStringConvertible {
    let message: String
    let status: ExitStatus
    /// Whether each line of it says already that it is an error, and where.
    let isWhole: Bool

    var description: String { message }

    init(_ message: String, _ status: ExitStatus, isWhole: Bool = false) {
        self.message = message
        self.status = status
        self.isWhole = isWhole
    }

    /// The manifest of a committed window cannot be used.
    static func unreadableManifest(ofWindow key: String, in destination: any ReadableDestination) -> CommandFailure {
        CommandFailure(
            "\(destination.manifestName(ofWindow: key).shown()) is damaged or cannot be read: run the pipeline first, which exports "
                + "its window again.", .someWindowsFailed)
    }

    /// The exit status for an error of the libraries.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as PipelineProblems: self.init(error.description, .wrongCommand, isWhole: true)
        case let error as ServiceError: self.init(error.description, error.exitStatus)
        case let error as StoreError: self.init(error.description, error.exitStatus)
        case let error as LoadError: self.init(error.description, error.exitStatus)
        case let error as SchemaError: self.init("\(error)", .wrongCommand)
        case let error as IgnoredParameter: self.init(error.description, .wrongCommand)
        case let error as PruningRefused: self.init(error.description, .wrongCommand)
        default: self.init("\(error)", .someWindowsFailed)
        }
    }
}

extension ServiceError {
    var exitStatus: ExitStatus {
        if case .keyRefused = self { return .keyRefused }
        return isRetryable ? .tryAgain : .someWindowsFailed
    }
}

extension StoreError {
    var exitStatus: ExitStatus {
        switch self {
        case _ where isBrokenPipe: .brokenPipe
        case .system, .denied, .unreadableColumns, .stateTooLarge, .changed, .lockLost: .someWindowsFailed
        case .objectStore(let fault, _): fault.exitStatus
        case .locked: .tryAgain
        case .obstructed, .outside, .notAFolder, .aFolder, .notAFile, .noFolder: .wrongCommand
        case .newerFormat, .otherPipeline, .otherWindows, .otherRun, .otherAgent, .unknownAgent: .wrongCommand
        }
    }
}

extension ObjectStoreFault {
    var exitStatus: ExitStatus {
        switch self {
        case .noCredentials, .noRegion, .noBucket, .otherRegion, .noConditionalWrites, .noMetadata, .clock: .wrongCommand
        case .unavailable: .tryAgain
        case .refused, .unexpected, .malformed, .notAnObjectStore, .tooLarge, .list, .notWritten, .notRemoved, .corruptedInTransit:
            .someWindowsFailed
        }
    }
}

extension RunReport {
    /// The status of several agents together: where some are well and some not, some windows failed.
    private var agentsStatus: ExitStatus {
        let statuses = Set(agents.map(\.report.exitStatus)).subtracting([.done])
        let failed = statuses.subtracting([.unsettled])
        guard !failed.isEmpty else { return statuses.isEmpty ? .done : .unsettled }
        if failed == [.tryAgain] { return .tryAgain }
        let isEverybody = agents.allSatisfy { $0.report.exitStatus == failed.first }
        return isEverybody ? failed.first ?? .someWindowsFailed : .someWindowsFailed
    }

    var exitStatus: ExitStatus {
        if let stop {
            if let failure = (stop as? SequenceBroken)?.failure ?? (stop as? ColumnsUnsettled)?.failure {
                return failure.isRetryable ? .tryAgain : .someWindowsFailed
            }
            return CommandFailure(stop).status
        }
        if !agents.isEmpty { return agentsStatus }
        if !failures.isEmpty { return failures.allSatisfy(\.isRetryable) ? .tryAgain : .someWindowsFailed }
        return summary.unsettled > 0 ? .unsettled : .done
    }
}
