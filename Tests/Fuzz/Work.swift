import ArgumentParser
import Foundation
import FuzzKit
import SystemPackage

/// Tries the inputs.
struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @OptionGroup var options: FuzzOptions

    func run() throws {
        let journal = try Journal(at: FilePath(options.current))
        let run = FuzzRun(oracle: try Oracle(), seed: options.seed, journal: journal)
        let reports = try options.replay.map { [try replay($0, run)] } ?? tryAll(run)
        for report in reports {
            print(line(of: report))
        }
        let findings = reports.flatMap(\.findings)
        print("fuzz: seed \(options.seed): \(reports.reduce(0) { $0 + $1.inputs }) inputs, \(findings.count) disagreements")
        if !findings.isEmpty { throw ExitCode(1) }
    }

    private func tryAll(_ run: FuzzRun) throws -> [TargetReport] {
        let targets = try options.targets()
        let share = Duration.seconds(options.seconds) / targets.count
        return try targets.map { target in
            let report = try run.run(target, for: share)
            for (index, finding) in report.findings.enumerated() {
                let path = "\(options.folder)/\(finding.target)-\(options.seed)-\(index + 1)"
                try Data(Journal.bytes(finding.target, finding.input)).write(to: URL(filePath: path))
                print("fuzz: \(finding.target): \(finding.words)\n      try it again: make fuzz FUZZ_REPLAY=\(path)")
            }
            return report
        }
    }

    private func replay(_ path: String, _ run: FuzzRun) throws -> TargetReport {
        let bytes = try Data(contentsOf: URL(filePath: path))
        guard let (name, input) = Journal.read(Array(bytes)), let target = try FuzzTargets.all().first(where: { $0.name == name })
        else { throw ValidationError("\(path) holds no finding") }
        let report = try run.replay(target, input)
        for finding in report.findings {
            print("fuzz: \(finding.target): \(finding.words)")
        }
        return report
    }

    private func line(of report: TargetReport) -> String {
        let name = report.target.padding(toLength: 10, withPad: " ", startingAt: 0)
        let seconds = report.time / .seconds(1)
        let figures = "\(report.inputs) inputs, \(report.bytes / 1000) kB, \(Int(seconds)) s"
        return "fuzz: \(name) \(figures), disagreements \(report.findings.count)"
    }
}
