import Foundation

/// Figures in human-readable form.
public enum Figures {
    /// `1 row`, `2 rows`.
    public static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `812 B`, `1.0 MB`; decimal units.
    public static func bytes(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// `0.3 s`.
    public static func seconds(_ duration: Duration) -> String {
        String(format: "%.1f s", duration / .seconds(1))
    }

    /// A duration in at most two units: `9 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    public static func span(_ duration: Duration) -> String {
        let seconds = max(0, Int((duration / .seconds(1)).rounded()))
        let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "0 s" }
        let (size, name) = units[first]
        let whole = "\(seconds / size) \(name)"
        guard first + 1 < units.count, case let (next, nextName) = units[first + 1], seconds % size >= next else { return whole }
        return "\(whole) \(seconds % size / next) \(nextName)"
    }

    /// A number of requests or rows per second: `0.4`, `14.9`, `8120`.
    public static func rate(_ value: Double) -> String {
        value < 99.95 ? String(format: "%.1f", value) : String(Int(value.rounded()))
    }
}
