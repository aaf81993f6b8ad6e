import ExportCore

extension Mistake {
    /// What is wrong, and why. `shown` is the text that is wrong, where it may be shown.
    func message(shown: ShownText?) -> String {
        let it = shown?.quoted ?? "this"
        return switch self {
        case .notYAML(let problem): "this is not YAML: \(problem)"
        case .tab: "this line is indented with a tab, and YAML takes spaces only"
        case .emptyFile: "the file declares nothing"
        case .secondDocument: "a second YAML document begins here"
        case .repeatedKey: "the key \(it) stands more than once in one map"
        case .anchor: "anchors and aliases are not read in a pipeline file"
        case .tag: "YAML tags such as \(it) are not read in a pipeline file"
        case .keyIsNoText: "a key must be text"
        case .tooDeep: "nothing in a pipeline file is nested this deep"
        case .unknownKey(.filters, _, _): "unknown filter \(it)"
        case .unknownKey(let section, _, _): "unknown key \(it) \(section.place)"
        case .missing(let name, _): "\(name) is missing"
        case .wrongShape(let name, let expected, let found): "\(name) must be \(expected.words), but is \(found.words)"
        case .unfit(let name, let expected, _): "\(name) must be \(expected.words), but is \(shown?.quoted ?? "something else")"
        case .noSuchDay(let name, nil): "\(name): there is no such day as \(it), since months run from 01 to 12"
        case .noSuchDay(let name, let last?): "\(name): there is no such day as \(it), since that month has \(last.day) days"
        case .unsetVariable: "the environment variable \(it) is not set, or empty"
        case .unreadableVariable: "the environment variable \(it) is not UTF-8 text"
        case .brokenReference: "\(it) holds a \"${\" that is no reference to an environment variable"
        case .settingWithoutValue: "--set takes a name and a value"
        case .settingIntoText: "\(it) cannot be set: what it would be in is text"
        case .settingIndex(let count): "\(it) is no place in a list of \(count)"
        case .literalKey: "an API key must not stand in a pipeline file, which is copied, committed and shown"
        case .keyFromTwoPlaces: "api_key and api_key_file are both given"
        case .endpoint(let fault): fault.message(it)
        case .keyBesideAgents: "a key beside agents belongs to none of them"
        case .noKeyFiles: "no file fits \(it)"
        case .repeatedAgent: "an agent before \(it) has its name already"
        case .sharedKey(let other): "\(it) has the key of \(other), and a key belongs to one agent"
        case .emptyFilter(let name): "\(name) is empty, and an empty filter would let everything through"
        case .setElsewhere(let name, _): "\(name) is no filter"
        case .repeatedFilter(let name): "\(name) is given twice, under its name and its alias"
        case .onlyDeletedWithoutDeleted: "only_deleted asks for the rows that include_deleted: false leaves out"
        case .spanInTwoPlaces(let name): "\(name) says what window.from and window.to say already"
        case .metadataWithoutValue: "\(it) has no \"key:value\""
        case .metadataHalf(let name, let other): "\(name) needs \(other)"
        case .repeatedMetadata: "a metadata key of \(it) is asked for twice"
        case .secondMetadataParameters:
            "\(it) is the second metadata filter with a comma or a colon in it, and the service takes one"
        case .extraRepeats(let name): "\(name) is a setting of its own, and here it would be sent twice or against it"
        case .fromMissing(let every): "window.from is missing, and there is no first \(every.rawValue) without it"
        case .fromAfterTo(let from, let to): "the span begins at \(from), after its end at \(to)"
        case .tooManyWindows(let every, let limit): "the span has more than \(limit) windows of one \(every.rawValue)"
        case .wider(let option, let bound):
            "\(option) only narrows a pipeline's span, and \(it) lies outside: its bound is \(bound)"
        case .storeEndpoint(let fault): fault.messageOfStore(it)
        case .noOutputs: "outputs is empty, so nothing would be written"
        case .tableOfOtherDetail(let table, let detail): "rows of detail \(detail.rawValue) hold no \(table.words)"
        case .nothingToFlatten(let table): "\(table.words) have no objects, so there is nothing to flatten"
        case .noDialects(let format): "dialect is for csv, and this output is \(format.rawValue)"
        case .unknownPlaceholder: "unknown placeholder \(it) in a path"
        case .strayBrace: "\(it) has a brace without its partner"
        case .path(let fault): fault.message(it)
        case .oneFileForAll(let every): "\(it) is the same file for every \(every.rawValue)"
        case .oneFileForAgents: "\(it) is the same file for every agent"
        case .agentWithoutAgents: "{agent} stands for one of source.agents, and there are none"
        case .placeholderWithoutStart(let name): "{\(name)} stands for the window's start, and without window.from there is none"
        case .sharedPath(let first, let second): "outputs \(first) and \(second) would write to one place"
        case .noColumns: "columns is empty, so nothing would be written"
        case .repeatedColumn: "a column before \(it) has its name already"
        case .unknownField(let table, _): "\(table.words) have no field \(it)"
        case .fieldOfOtherDetail(let name, let detail): "rows of detail \(detail.rawValue) have no field \"\(name)\""
        case .everyKeyOf: "\(it) cannot be spread over columns"
        }
    }

    /// What to do next.
    var suggestion: String? {
        switch self {
        case .notYAML(let problem): Self.remedy(ofYAML: problem)
        case .tab: "indent it with spaces"
        case .emptyFile: "agentsight-export init writes one to begin with"
        case .secondDocument: "keep one pipeline a file"
        case .repeatedKey: "keep one of them"
        case .anchor: "write the value out where it is needed"
        case .tag: "take the tag away; quotes make text of a value"
        case .keyIsNoText: "write the settings as name: value"
        case .tooDeep: nil
        case .unknownKey(_, let section?, _): "it belongs \(section.place)"
        case .unknownKey(_, nil, let nearest?): "did you mean \"\(nearest)\"?"
        case .unknownKey(.filters, nil, nil):
            "docs/pipeline-file.md lists the filters; the service ignores one that it does not know, and returns every conversation"
        case .unknownKey(let section, nil, nil): "known are \(section.keys.joined(separator: ", "))"
        case .missing(let name, let example): "add \(name.splitExactly(at: ".").last ?? ""): \(example)"
        case .wrongShape(_, _, .nothing): "give it a value, or take the line out"
        case .wrongShape: nil
        case .unfit(_, _, let nearest): nearest.map { "did you mean \"\($0)\"?" }
        case .noSuchDay(_, let last): last.map { "write \($0)" } ?? "write year, month and day, as in 2024-01-31"
        case .unreadableVariable: "give it a value in UTF-8"
        case .unsetVariable: "export it, or write $$ for a dollar sign"
        case .brokenReference: "write ${NAME}, or $$ for a dollar sign"
        case .settingWithoutValue: "write --set fetch.concurrency=4"
        case .settingIntoText: "name the setting itself"
        case .settingIndex(let count): "0 is the first, and \(count) adds one"
        case .literalKey: "write ${AGENTSIGHT_API_KEY} and export that variable, or name a file in api_key_file"
        case .keyFromTwoPlaces: "keep one of them"
        case .endpoint(let fault): fault.suggestion
        case .keyBesideAgents: "keep it in the agent's own entry"
        case .noKeyFiles: "a key file holds one key, and its name without the ending is the agent's"
        case .repeatedAgent: "give each agent a name of its own"
        case .sharedKey: "keep one of them"
        case .emptyFilter: "give it a value, or take the line out"
        case .setElsewhere(_, let elsewhere): elsewhere.suggestion
        case .repeatedFilter, .repeatedMetadata: "keep one of them"
        case .onlyDeletedWithoutDeleted: "take include_deleted out"
        case .spanInTwoPlaces: "keep one of them"
        case .metadataWithoutValue: "write key:value,key2:value2, or a map"
        case .metadataHalf(_, let other): "add \(other), or write metadata as a map"
        case .secondMetadataParameters: "keep one, and narrow further where the files are read"
        case .extraRepeats(let name): "set \(name) in its own place"
        case .fromMissing: "add from: 2024-01-01, or every: all"
        case .fromAfterTo: "from is the earlier one, to the later"
        case .tooManyWindows: "make every longer, or begin later"
        case .wider(let option, _): "--set window.\(option.dropFirst(2))=… replaces the bound"
        case .storeEndpoint(let fault): fault.suggestionOfStore
        case .noOutputs: "take the line out for the default, one ndjson file a window"
        case .tableOfOtherDetail(_, let detail): "set source.detail: \(detail == .full ? "lean" : "full"), or take the output out"
        case .nothingToFlatten: "take the line out"
        case .noDialects: "take the line out, or write format: csv"
        case .unknownPlaceholder(let nearest?): "did you mean {\(nearest)}?"
        case .unknownPlaceholder(nil): "known are \(Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", "))"
        case .strayBrace: "placeholders look like {date}"
        case .path(let fault): fault.suggestion
        case .oneFileForAll(let every): "put {\((every.placeholder ?? .window).rawValue)} into it"
        case .oneFileForAgents: "put {agent} into it"
        case .agentWithoutAgents: "take it out, or list agents under source"
        case .placeholderWithoutStart: "take it out, or give window.from"
        case .sharedPath: "give each output a path of its own"
        case .noColumns: "take the line out for every column"
        case .repeatedColumn: "give one of them another name: {name: …, path: …}"
        case .unknownField(_, let nearest?): "did you mean \"\(nearest)\"?"
        case .unknownField(_, nil): "a field of a newer release is written {name: …, path: …}"
        case .fieldOfOtherDetail(_, let detail): "set source.detail: \(detail == .full ? "lean" : "full")"
        case .everyKeyOf(let table) where table.objects.isEmpty: "\(table.words) have no objects: name their fields"
        case .everyKeyOf(let table): "that is for \(table.objects.map { "\($0).*" }.joined(separator: " and "))"
        }
    }
}

extension Table {
    /// For the middle of a sentence.
    fileprivate var words: String { rawValue.splitExactly(at: "_").joined(separator: " ") }
}

extension Mistake {
    /// The remedy for a YAML error, from the parser's message.
    private static func remedy(ofYAML problem: String) -> String {
        let remedies = [
            ("did not find expected key", "the keys of one map begin in one column, and a value that begins with { or [ is quoted"),
            ("mapping values are not allowed", "the keys of one map begin in one column, and a value that holds \": \" is quoted"),
            ("could not find expected ':'", "each key is followed by a colon and a space"),
            ("end of stream", "a quote or a bracket is not closed"),
            ("did not find expected ',' or", "a bracket is not closed, or a comma is missing"),
        ]
        return remedies.first { problem.contains($0.0) }?.1
            ?? "indent with spaces; quote values that begin with one of { [ * & ! | > % @ or hold \": \" or \" #\""
    }
}
