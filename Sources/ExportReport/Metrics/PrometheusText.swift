public import CoreMetrics
import ExportCore
import Foundation
import Synchronization

/// Metrics in the text format of Prometheus (version 0.0.4), as the node exporter's textfile collector reads it.
///
/// A back-end of swift-metrics: gauges and counters keep their last value; recorders and timers keep their sum.
public final class PrometheusText: MetricsFactory {
    private let values = Mutex<[String: [String: Double]]>([:])
    private let help: [String: String]

    /// Creates a back-end without metrics.
    /// - Parameter help: The help text of each metric, by its name.
    public init(help: [String: String] = [:]) {
        self.help = help
    }

    /// The text of all recorded metrics, sorted.
    public var text: String {
        values.withLock { values in
            values.sorted { $0.key < $1.key }.map { name, samples in
                let head = help[name].map { "# HELP \(name) \($0)\n" } ?? ""
                let lines = samples.sorted { $0.key < $1.key }.map { "\(name)\($0.key) \(Self.number($0.value))\n" }
                return head + "# TYPE \(name) gauge\n" + lines.joined()
            }.joined()
        }
    }

    /// Copies some metrics of a pipeline, which another command writes, from an earlier text.
    public func keep(_ names: some Collection<String>, of pipeline: String, from text: String) {
        let label = "pipeline=\"\(Self.escaped(pipeline))\""
        for line in text.splitExactly(at: "\n") {
            for name in names {
                guard let rest = line.tail(afterExactly: "\(name){\(label)"), let end = rest.utf8.lastIndex(of: UInt8(ascii: "}")),
                    rest.utf8.first == UInt8(ascii: "}") || rest.utf8.first == UInt8(ascii: ","),
                    let value = rest[end...].tail(afterExactly: "} ").flatMap({ Double($0) }), value.isFinite
                else { continue }
                values.withLock { $0[name, default: [:]]["{\(label)\(rest[..<end])}"] = value }
            }
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    private func change(_ name: String, _ dimensions: [(String, String)], _ body: (inout Double) -> Void) {
        let labels = dimensions.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        values.withLock { body(&$0[name, default: [:]][labels.isEmpty ? "" : "{\(labels)}", default: 0]) }
    }

    /// A text escaped for the quotes of a label.
    package static func escaped(_ text: String) -> String {
        text.mappingScalars { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: nil
            }
        }
    }

    /// The text decoded from the quotes of a label.
    static func unescaped(_ label: some StringProtocol) -> String {
        var text = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in label.unicodeScalars {
            if !isEscaped, scalar == "\\" {
                isEscaped = true
            } else {
                text.append(isEscaped && scalar == "n" ? "\n" : scalar)
                isEscaped = false
            }
        }
        return String(text)
    }

    private final class Metric: CounterHandler, RecorderHandler, TimerHandler {
        let file: PrometheusText
        let name: String
        let dimensions: [(String, String)]
        let isSum: Bool

        init(file: PrometheusText, name: String, dimensions: [(String, String)], isSum: Bool) {
            self.file = file
            self.name = name
            self.dimensions = dimensions
            self.isSum = isSum
        }

        func increment(by amount: Int64) { file.change(name, dimensions) { $0 += Double(amount) } }
        func reset() { file.change(name, dimensions) { $0 = 0 } }
        func record(_ value: Int64) { record(Double(value)) }
        func record(_ value: Double) { file.change(name, dimensions) { $0 = isSum ? $0 + value : value } }
        func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Metric(file: self, name: label, dimensions: dimensions, isSum: true)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Metric(file: self, name: label, dimensions: dimensions, isSum: aggregate)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Metric(file: self, name: label, dimensions: dimensions, isSum: true)
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
