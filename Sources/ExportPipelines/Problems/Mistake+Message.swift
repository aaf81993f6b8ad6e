import ExportCore

extension Mistake {
    /// A message with the problem and its reason. `shown` is the wrong text, if it may be displayed.
    func message(shown: ShownText?) -> String {
        let it = shown?.quoted ?? "this"
        return switch self {
        case .notYAML(let problem): "this is not YAML: \(problem)"
        case .tab: "this line is indented with a tab; YAML allows only spaces"
        case .emptyFile: "the file is empty"
        case .secondDocument: "a second YAML document begins here"
        case .repeatedKey: "the key \(it) occurs more than once in this map"
        case .anchor: "anchors and aliases are not supported in pipeline files"
        case .tag: "YAML tags such as \(it) are not supported in pipeline files"
        case .keyIsNoText: "a key must be text"
        case .tooDeep: "this is nested deeper than any setting"
        case .unknownKey(.filters, _, _): "unknown filter \(it)"
        case .unknownKey(let section, _, _): "unknown key \(it) \(section.place)"
        case .missing(let name, _): "\(name) is missing"
        case .wrongShape(let name, let expected, let found): "\(name) must be \(expected.words), but is \(found.words)"
        case .unfit(let name, let expected, _): "\(name) must be \(expected.words), but is \(shown?.quoted ?? "something else")"
        case .noSuchDay(let name, nil): "\(name): there is no such day as \(it), since months run from 01 to 12"
        case .noSuchDay(let name, let last?): "\(name): there is no such day as \(it), since that month has \(last.day) days"
        case .unsetVariable: "the environment variable \(it) is not set or is empty"
        case .unreadableVariable: "the environment variable \(it) is not UTF-8 text"
        case .brokenReference: "\(it) contains a \"${\" that is not a reference to an environment variable"
        case .settingWithoutValue: "--set takes a name and a value"
        case .settingIntoText: "\(it) cannot be set, because its parent is text"
        case .settingIndex(let count): "\(it) is not an index of a list of \(count)"
        case .literalKey: "an API key must not be written in a pipeline file, because such files are copied, committed and shown"
        case .literalPassword:
            "a password must not be written in a pipeline file, because such files are copied, committed and shown"
        case .keyFromTwoPlaces: "api_key and api_key_file are both given"
        case .endpoint(let fault): fault.message(it)
        case .keyBesideAgents: "a key next to agents has no effect"
        case .noKeyFiles: "no file matches \(it)"
        case .unreadKeyFiles(let reason): "the folder of \(it) cannot be read: \(reason)"
        case .repeatedAgent: "an earlier agent has the same name as \(it)"
        case .sharedKey(let other): "\(it) has the same key as \(other), but a key belongs to one agent"
        case .emptyFilter(let name): "\(name) is empty, and an empty filter would match everything"
        case .setElsewhere(let name, _): "\(name) is not a filter"
        case .repeatedFilter(let name): "\(name) is given twice, under its name and its alias"
        case .onlyDeletedWithoutDeleted: "only_deleted needs the rows that include_deleted: false excludes"
        case .spanInTwoPlaces(let name): "\(name) sets the span that window.from and window.to already set"
        case .metadataWithoutValue: "\(it) has no \"key:value\""
        case .metadataHalf(let name, let other): "\(name) needs \(other)"
        case .repeatedMetadata: "a metadata key of \(it) occurs twice"
        case .secondMetadataParameters:
            "\(it) is the second metadata filter with a comma or a colon; the service accepts only one"
        case .extraRepeats(let name): "\(name) has its own setting, which extra would repeat or contradict"
        case .fromMissing(let every): "window.from is missing; without it there is no first \(every.rawValue)"
        case .fromAfterTo(let from, let to): "the span begins at \(from), after its end at \(to)"
        case .tierNeverApplies(let earlier, let look):
            "this tier never applies: tier \(earlier) holds for all of its windows, and only the first \(look.rawValue) tier that covers a window is used"
        case .tierNeverNeeded(let other, let look):
            "this tier never applies: tier \(other) makes a \(look.rawValue) look at all of its windows at least as often, and counts as this look, too"
        case .tierSlowerThanWithin:
            "this tier never applies: a window is not due until nine tenths of every have passed since its export, and within has passed by then"
        case .countsOfDeletedRows:
            "look: counts cannot be used with filters.only_deleted: the service does not count deleted rows alone"
        case .tierWithinLookback: "this tier never applies, because lookback exports all of its windows again in each run"
        case .tierWithinSettle: "this tier never applies, because no window ends within this time"
        case .fullLookOfLeanRows: "look: full needs rows with transcripts, but source.detail is lean"
        case .tooManyWindows(let every, let limit): "the span has more than \(limit) windows of one \(every.rawValue)"
        case .wider(let option, let bound):
            "\(option) can only narrow the pipeline's span, but \(it) is outside: the bound is \(bound)"
        case .storeEndpoint(let fault): fault.messageOfStore(it)
        case .noOutputs: "outputs is empty, so nothing would be written"
        case .tableOfOtherDetail(let table, let detail): "rows with detail: \(detail.rawValue) have no \(table.words)"
        case .nothingToFlatten(let table): "\(table.words) have no objects, so there is nothing to flatten"
        case .noDialects(let format): "dialect applies only to csv, and this output is \(format.rawValue)"
        case .unknownPlaceholder: "unknown placeholder \(it) in a path"
        case .strayBrace: "\(it) has an unbalanced brace"
        case .path(let fault): fault.message(it)
        case .oneFileForAll(let every): "\(it) is the same file for every \(every.rawValue)"
        case .oneFileForAgents: "\(it) is the same file for every agent"
        case .agentWithoutAgents: "{agent} needs source.agents, which is not set"
        case .placeholderWithoutStart(let name): "{\(name)} needs the start of the window, and without window.from there is none"
        case .sharedPath(let first, let second): "outputs \(first) and \(second) would write to the same path"
        case .noColumns: "columns is empty, so nothing would be written"
        case .repeatedColumn(let name, let earlier, let place):
            "\(it) has the column name \(ShownText.presentable(name)), and so has \(ShownText(earlier)?.quoted ?? "the column") at "
                + "\(place.line):\(place.column)"
        case .unknownField(let table, _): "\(table.words) have no field \(it)"
        case .fieldOfOtherDetail(let name, let detail): "rows with detail: \(detail.rawValue) have no field \"\(name)\""
        case .everyKeyOf: "\(it) cannot be expanded into columns"
        case .everyColumn: "\(it) is no column, and without columns every field is written"
        case .columnLeftOut: "columns cannot leave a column out, as \(it) would"
        case .literalHashKey:
            "a hash key must not be written in a pipeline file, because such files are copied, committed and shown"
        case .hashKeyFromTwoPlaces: "hash_key and hash_key_file are both given"
        case .hashWithoutKey: "hashing \(it) needs a key, and hash_key is missing"
        case .excludedAndHashed: "\(it) is hashed, but exclude leaves it out"
        case .hiddenColumn: "columns lists \(it), which exclude or hash leaves out"
        case .keptBesideExclude(let field):
            "keep_rows: true would keep whole rows, including \(field.shown()), which an output excludes or hashes"
        }
    }

    /// A suggestion for what to do next.
    var suggestion: String? {
        switch self {
        case .notYAML(let problem): Self.remedy(ofYAML: problem)
        case .tab: "indent it with spaces"
        case .emptyFile: "agentsight-export init FILE writes one to start from"
        case .secondDocument: "write each pipeline to its own file"
        case .repeatedKey: "keep one of them"
        case .anchor: "repeat the value where it is needed"
        case .tag: "remove the tag; quote a value to make it text"
        case .keyIsNoText: "write the settings as name: value"
        case .tooDeep: nil
        case .unknownKey(_, let section?, _): "it belongs \(section.place)"
        case .unknownKey(_, nil, let nearest?): "did you mean \"\(nearest)\"?"
        case .unknownKey(.filters, nil, nil):
            "docs/pipeline-file.md lists the filters; the service ignores one that it does not know, and returns every conversation"
        case .unknownKey(let section, nil, nil): "valid keys are \(section.keys.joined(separator: ", "))"
        case .missing(let name, let example): "add \(name.splitExactly(at: ".").last ?? ""): \(example)"
        case .wrongShape(_, _, .nothing): "give it a value, or remove the line"
        case .wrongShape: nil
        case .unfit(_, _, let nearest): nearest.map { "did you mean \"\($0)\"?" }
        case .noSuchDay(_, let last): last.map { "write \($0)" } ?? "write year, month and day, as in 2024-01-31"
        case .unreadableVariable: "give it a value in UTF-8"
        case .unsetVariable: "export it, or write $$ for a dollar sign"
        case .brokenReference: "write ${NAME}, or $$ for a dollar sign"
        case .settingWithoutValue: "write --set fetch.concurrency=4"
        case .settingIntoText: "name the setting itself"
        case .settingIndex(let count): "0 is the first; \(count) appends one"
        case .literalKey: "write ${AGENTSIGHT_API_KEY} and export that variable, or name a file in api_key_file"
        case .literalPassword: "let the client find it: a service file and ~/.pgpass, or PGPASSWORD in the environment"
        case .keyFromTwoPlaces: "keep one of them"
        case .endpoint(let fault): fault.suggestion
        case .keyBesideAgents: "move it to the agent's entry"
        case .unreadKeyFiles: "let this user read the folder, or list the agents one by one"
        case .noKeyFiles: "each key file holds one key; its name without the extension is the name of the agent"
        case .repeatedAgent: "give each agent a different name"
        case .sharedKey: "keep one of them"
        case .emptyFilter: "give it a value, or remove the line"
        case .setElsewhere(_, let elsewhere): elsewhere.suggestion
        case .repeatedFilter, .repeatedMetadata: "keep one of them"
        case .onlyDeletedWithoutDeleted: "remove include_deleted"
        case .spanInTwoPlaces: "keep one of them"
        case .metadataWithoutValue: "write key:value,key2:value2, or a map"
        case .metadataHalf(_, let other): "add \(other), or write metadata as a map"
        case .secondMetadataParameters: "keep one, and filter further when you read the files"
        case .extraRepeats(let name): "use the setting for \(name) instead"
        case .fromMissing: "add from: 2024-01-01, or every: all"
        case .fromAfterTo: "the earlier time belongs in from, the later one in to"
        case .tierNeverApplies: "give the earlier tier a shorter within, or remove one of the tiers"
        case .tierNeverNeeded: "give the tier a shorter every, or remove it"
        case .tierSlowerThanWithin: "give the tier a longer within or a shorter every, or remove it"
        case .countsOfDeletedRows: "write look: lean"
        case .tierWithinLookback, .tierWithinSettle: "give the tier a longer within, or remove it"
        case .fullLookOfLeanRows: "write look: lean, or set source.detail: full"
        case .tooManyWindows: "use longer windows (every), or begin later"
        case .wider(let option, _): "--set window.\(option.dropFirst(2))=… replaces the bound"
        case .storeEndpoint(let fault): fault.suggestionOfStore
        case .noOutputs: "remove the line for the default, one ndjson file per window"
        case .tableOfOtherDetail(_, let detail): "set source.detail: \(detail == .full ? "lean" : "full"), or remove the output"
        case .nothingToFlatten: "remove the line"
        case .noDialects: "remove the line, or write format: csv"
        case .unknownPlaceholder(let nearest?): "did you mean {\(nearest)}?"
        case .unknownPlaceholder(nil):
            "valid placeholders are \(Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", "))"
        case .strayBrace: "placeholders look like {date}"
        case .path(let fault): fault.suggestion
        case .oneFileForAll(let every): "add {\((every.placeholder ?? .window).rawValue)} to it"
        case .oneFileForAgents: "add {agent} to it"
        case .agentWithoutAgents: "remove it, or list agents under source"
        case .placeholderWithoutStart: "remove it, or set window.from"
        case .sharedPath: "give each output a different path"
        case .noColumns: "remove the line to export every column"
        case .repeatedColumn: "give one of them another name: {name: …, path: …}"
        case .unknownField(_, let nearest?): "did you mean \"\(nearest)\"?"
        case .unknownField(_, nil): "write a field of a newer release as {name: …, path: …}"
        case .fieldOfOtherDetail(_, let detail): "set source.detail: \(detail == .full ? "lean" : "full")"
        case .everyColumn: "remove columns, and leave fields out with exclude: [messages]"
        case .columnLeftOut(let name): "remove columns, and write exclude: [\(name)]"
        case .literalHashKey: "write ${AGENTSIGHT_HASH_KEY} and export that variable, or name a file in hash_key_file"
        case .hashKeyFromTwoPlaces: "keep one of them"
        case .hashWithoutKey: "add hash_key: ${AGENTSIGHT_HASH_KEY} at the top of the file"
        case .excludedAndHashed: "remove it from one of them"
        case .hiddenColumn: "remove it from one of them"
        case .keptBesideExclude: "remove keep_rows, or set keep_rows: with_excluded to keep them on purpose"
        case .everyKeyOf(let table) where table.objects.isEmpty: "\(table.words) have no objects: name their fields"
        case .everyKeyOf(let table): "this works only for \(table.objects.map { "\($0).*" }.joined(separator: " and "))"
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
            ("did not find expected key", "start all keys of a map in the same column, and quote values that begin with { or ["),
            ("mapping values are not allowed", "start all keys of a map in the same column, and quote values that contain \": \""),
            ("could not find expected ':'", "write a colon and a space after each key"),
            ("end of stream", "a quote or a bracket is not closed"),
            ("did not find expected ',' or", "a bracket is not closed, or a comma is missing"),
        ]
        return remedies.first { problem.contains($0.0) }?.1
            ?? "indent with spaces; quote values that begin with one of { [ * & ! | > % @ or contain \": \" or \" #\""
    }
}
