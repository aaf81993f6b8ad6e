import ExportCore

/// A placeholder between braces in a path.
enum Placeholder: String, CaseIterable {
    case date, hour, week, month, window, agent, pipeline, table, format

    /// Whether the placeholder represents the window's start, so that it is undefined for a window without one.
    var needsStart: Bool {
        switch self {
        case .date, .hour, .week, .month: true
        case .window, .agent, .pipeline, .table, .format: false
        }
    }

    /// Whether the placeholder differs for each window of a length.
    func distinguishes(_ every: WindowLength) -> Bool {
        switch self {
        case .window, .hour: true
        case .date: every != .hour
        case .week: every == .week || every == .month || every == .all
        case .month: every == .month || every == .all
        case .agent, .pipeline, .table, .format: every == .all
        }
    }
}

/// A path with its placeholders: `conversations/dt={date}/conversations.ndjson.gz`.
struct PathTemplate {
    enum Part: Equatable {
        case literal(String)
        case placeholder(Placeholder)
    }

    enum Fault: Error {
        case unknownPlaceholder(String)
        case strayBrace
    }

    private(set) var parts: [Part] = []

    init(_ text: String) throws(Fault) {
        // By scalars, like file systems: a brace or a slash counts even if a combining mark follows.
        var rest = text.unicodeScalars[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            append(Substring(rest[..<brace]))
            let inner = rest[rest.index(after: brace)...]
            guard rest[brace] == "{", let end = inner.firstIndex(where: { $0 == "{" || $0 == "}" }), inner[end] == "}" else {
                throw .strayBrace
            }
            guard let placeholder = Placeholder(rawValue: String(inner[..<end])) else {
                throw .unknownPlaceholder(String(inner[..<end]))
            }
            parts.append(.placeholder(placeholder))
            rest = inner[inner.index(after: end)...]
        }
        append(Substring(rest))
    }

    /// The default path of a window's file: `{table}/dt={date}/{table}.ndjson.gz` for days, weeks and months. With several agents, it is
    /// `{table}/agent_name={agent}/dt=…`, in the form of Hive partitions.
    static func standard(
        _ every: WindowLength, _ format: Output.Format, _ compression: Output.Compression, hasAgents: Bool
    ) -> PathTemplate {
        let agent: [Part] = hasAgents ? [.literal("/\(ColumnSelector.agentColumn)="), .placeholder(.agent)] : []
        let start: [Part] =
            switch every {
            case .hour:
                [.literal("/dt="), .placeholder(.date), .literal("/"), .placeholder(.table), .literal("-"), .placeholder(.hour)]
            case .day, .week, .month: [.literal("/dt="), .placeholder(.date), .literal("/"), .placeholder(.table)]
            case .all: hasAgents ? [.literal("/"), .placeholder(.table)] : []
            }
        let isCompressed = !format.traits.compressesInside
        let ending = ".\(format.fileExtension)\(isCompressed ? compression.kind.fileExtension : "")"
        return PathTemplate(parts: [.placeholder(.table)] + agent + start + [.literal(ending)])
    }

    private init(parts: [Part]) {
        self.parts = parts
    }

    /// The template as written.
    var text: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .placeholder(let placeholder): "{\(placeholder.rawValue)}"
            }
        }.joined()
    }

    private mutating func append(_ literal: Substring) {
        if !literal.isEmpty { parts.append(.literal(String(literal))) }
    }

    var placeholders: [Placeholder] {
        parts.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
    }

    /// The template with all placeholders that do not depend on the window filled in.
    func filled(pipeline: String, table: Table, format: Output.Format) -> PathTemplate {
        var result = self
        result.parts = parts.map { part in
            switch part {
            case .placeholder(.pipeline): .literal(pipeline)
            case .placeholder(.table): .literal(table.rawValue)
            case .placeholder(.format): .literal(format.rawValue)
            case .literal, .placeholder: part
            }
        }
        return result
    }

    /// The template of one agent's files.
    func filled(agent: String) -> PathTemplate {
        var result = self
        result.parts = parts.map { $0 == .placeholder(.agent) ? .literal(agent) : $0 }
        return result
    }

    /// The path of one window's file.
    func path(_ names: WindowNames) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .placeholder(let placeholder): names.text(placeholder) ?? ""
            }
        }.joined()
    }

    /// The reason why the template is not a path within the destination. The text of time placeholders is always harmless.
    var fault: PathFault? {
        DestinationPath.fault(of: parts.map { if case .literal(let text) = $0 { text } else { "0" } }.joined())
    }
}
