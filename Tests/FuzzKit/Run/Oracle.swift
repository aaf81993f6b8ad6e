import Foundation

/// Python in a process of its own, which judges answers by implementations that share nothing with the product: `oracle/`.
public final class Oracle {
    private let process = Process()
    private let requests = Pipe()
    private let verdicts = Pipe()

    /// Throws where there is no `python3` to run.
    public init() throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Checkout.path("Tests/FuzzKit/oracle/oracle.py")]
        process.standardInput = requests
        process.standardOutput = verdicts
        guard Self.hasPython else { throw OracleError.noPython }
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        // Its input ends, and so does it.
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// What is wrong with each answer; nil where the oracle agrees.
    func judge(_ target: String, _ cases: [(input: [UInt8], answer: [UInt8])]) throws -> [String?] {
        var request = Data("\(target) \(cases.count)\n".utf8)
        for (input, answer) in cases {
            for bytes in [input, answer] {
                withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { request.append(contentsOf: $0) }
                request.append(contentsOf: bytes)
            }
        }
        // The whole batch is read before the first verdict is written, so that neither side waits for the other.
        try requests.fileHandleForWriting.write(contentsOf: request)
        return try cases.map { _ in
            let length = try read(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            return length == 0 ? nil : String(decoding: try read(length), as: UTF8.self)
        }
    }

    private func read(_ count: Int) throws -> Data {
        var bytes = Data()
        while bytes.count < count {
            guard let more = try verdicts.fileHandleForReading.read(upToCount: count - bytes.count), !more.isEmpty else {
                throw OracleError.ended
            }
            bytes.append(more)
        }
        return bytes
    }

    private static var hasPython: Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
    }
}

/// Why there is no oracle to ask.
public enum OracleError: Error, CustomStringConvertible {
    case noPython
    case ended

    public var description: String {
        switch self {
        case .noPython: "python3 is needed: it reads independently what the product reads; make setup installs it"
        case .ended: "the oracle ended; what Python said of it stands above"
        }
    }
}
