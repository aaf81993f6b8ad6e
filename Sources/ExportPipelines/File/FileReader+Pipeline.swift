import ExportCore

extension FileReader {
    /// Reads the whole file. `nil` if it is not a map. Invalid settings get their defaults, and are reported as problems.
    mutating func pipelineFile(_ tree: TreeNode) -> PipelineFile? {
        guard case .map = tree.content else {
            if tree.shape == .nothing {
                problems.add(.emptyFile, at: tree.place, text: nil)
            } else {
                refuseShape(of: tree, "a pipeline file", expected: .map)
            }
            return nil
        }
        let top = section(tree, .top, path: "")
        requireVersion(top)
        let source = sourceSection(top)
        let filters = filtersSection(top)
        let outputs = outputs(top)
        return PipelineFile(
            name: field("name", in: top, .name, PipelineName.checked),
            source: source,
            filters: filters,
            window: windowSection(top),
            fetch: fetchSettings(top),
            destination: destination(top),
            outputs: outputs,
            load: loadSettings(top),
            warnsIfEmpty: top["warn_if_empty"].flatMap { flag($0.value, "warn_if_empty") } ?? true,
            keepsRows: keepsRows(top, beside: outputs),
            hashKey: hashKey(top)
        )
    }

    /// Checks `keep_rows`. Kept rows are complete, so keeping them beside outputs that exclude or hash fields has to be declared
    /// explicitly.
    private mutating func keepsRows(_ top: Section, beside outputs: [OutputSection]) -> Bool {
        guard let node = top["keep_rows"]?.value else { return false }
        if case .scalar(let text, _) = node.content, text.equalsExactly(KeptRowsWord.withExcluded) { return true }
        guard flag(node, "keep_rows", .keptRows, others: [KeptRowsWord.withExcluded]) == true else { return false }
        if let field = outputs.lazy.flatMap({ $0.exclude + $0.hash }).first {
            problems.add(.keptBesideExclude(field.value.joined(separator: ".")), at: node.place, text: nil)
        }
        return true
    }

    private mutating func requireVersion(_ top: Section) {
        let version = field("version", in: top, .version) { $0 == "1" ? 1 : nil }
        if version.isAbsent {
            problems.add(.missing("version", example: "1"), at: top.place, text: nil)
        }
    }

    private mutating func fetchSettings(_ top: Section) -> FetchSettings {
        let fetch = section("fetch", .fetch, in: top)
        let standard = FetchSettings()
        let timeout = field("timeout", in: fetch, .durationWithin("from 1s to 1h")) { text in
            DurationText.seconds(text).flatMap { (1...3600).contains($0) ? Duration.seconds($0) : nil }
        }
        return FetchSettings(
            concurrency: wholeNumber("concurrency", in: fetch).value ?? standard.concurrency,
            pageSize: wholeNumber("page_size", in: fetch).value ?? standard.pageSize,
            requestsPerSecond: field("rate", in: fetch, .rate, RateText.perSecond).value,
            timeout: timeout.value ?? standard.timeout,
            retries: wholeNumber("retries", in: fetch).value ?? standard.retries,
            walk: choice("walk", in: fetch).value ?? standard.walk,
            transfer: choice("transfer", in: fetch).value ?? standard.transfer,
            pageLimit: wholeNumber("page_limit_mib", in: fetch).value.map { $0 << 20 },
            unpaginated: choice("unpaginated", in: fetch).value ?? standard.unpaginated
        )
    }

    private mutating func windowSection(_ top: Section) -> WindowSection {
        let window = section("window", .window, in: top)
        return WindowSection(
            place: top["window"]?.place ?? top.place,
            isGiven: top["window"] != nil,
            from: moment("from", in: window),
            to: moment("to", in: window),
            every: choice("every", in: window),
            zone: field("timezone", in: window, .timezone, nearest: ZoneRules.nearest, ZoneRules.init),
            settle: duration("settle", in: window) ?? .zero,
            lookback: duration("lookback", in: window),
            refresh: refresh(window)
        )
    }

    mutating func moment(_ key: String, in section: Section) -> Field<MomentExpression> {
        if let entry = section[key], case .scalar(let text, _) = entry.value.content, let fault = MomentExpression.noSuchDay(text) {
            problems.add(.noSuchDay(section.path(key), last: fault.last), at: entry.value.place, text: text)
            return .broken
        }
        return field(key, in: section, .moment, nearest: MomentExpression.nearest, MomentExpression.init)
    }

    private mutating func refresh(_ window: Section) -> [RefreshSection] {
        guard let entry = window["refresh"], entry.value.shape != .nothing,
            let nodes = list(entry.value, window.path("refresh"))
        else { return [] }
        var tiers: [RefreshSection] = []
        for (index, node) in nodes.enumerated() {
            let tier = section(node, .refresh, path: window.path("refresh.\(index)"))
            guard case .map = node.content else { continue }
            for (key, example) in [("every", "1d"), ("look", "lean")] where tier[key] == nil {
                problems.add(.missing(tier.path(key), example: example), at: tier.place, text: nil)
            }
            let every: Field<Duration?> = field("every", in: tier, .durationOrRun) { text in
                text == "run" ? .some(nil) : DurationText.seconds(text).flatMap { $0 > 0 ? .seconds($0) : nil }
            }
            let look = choice("look", in: tier, LookKind.self)
            let within = duration("within", in: tier)
            guard case .given(let interval) = every, let look = look.value else { continue }
            tiers.append(RefreshSection(place: tier.place, within: within, every: interval.value, look: look))
        }
        return tiers
    }

    private mutating func duration(_ key: String, in section: Section) -> Duration? {
        field(key, in: section, .duration) { DurationText.seconds($0).map(Duration.seconds) }.value
    }
}

/// The name of a pipeline, which distinguishes its manifests from others and may be part of a path.
enum PipelineName {
    static func checked(_ text: String) -> String? {
        let isFit = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
        return isFit && text.contains { $0 != "." } ? text : nil
    }

    /// The file's name without its folder and extension. Invalid characters are replaced by `-`.
    static func standard(file: String) -> String {
        let name = file.splitExactly(at: "/").last ?? ""
        let stem = name.unicodeScalars.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : name[..<$0] } ?? name
        let fitting = stem.map { checked(String($0)) != nil || $0 == "." ? String($0) : "-" }.joined()
        return checked(fitting) ?? "pipeline"
    }
}
