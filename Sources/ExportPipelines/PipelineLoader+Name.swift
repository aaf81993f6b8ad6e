import ExportCore

/// The name of a pipeline, also in a file that is no longer a valid pipeline.
extension PipelineLoader {
    /// The name that a file declares for its pipeline, even if the file is invalid. `nil` if it cannot be determined.
    /// - Parameters:
    ///   - text: The file's contents, valid or not.
    ///   - file: The file's name, which is the default of `name`.
    public func name(in text: String, file: String, overrides: PipelineOverrides = .init()) -> String? {
        var problems = ProblemList(file: file)
        guard var tree = TreeComposer(file: file).compose(text, &problems) else { return lines(of: text).flatMap(checked) }
        for setting in overrides.settings { TreeSetting(setting).apply(to: &tree, &problems) }
        guard case .map(let entries) = tree.content else { return nil }
        guard let value = entries.first(where: { $0.key == "name" })?.value else { return Self.defaultName(ofFile: file) }
        guard case .scalar(let name, _) = value.content else { return nil }
        return checked(name)
    }

    /// The name of a pipeline whose file declares none.
    public static func defaultName(ofFile file: String) -> String { PipelineName.standard(file: file) }

    private func checked(_ name: String) -> String? {
        (try? VariableReferences.expand(name, environment, unreadable: unreadable)).flatMap(PipelineName.checked)
    }

    /// The name in a text that is not valid YAML, if exactly one line begins with `name:`.
    private func lines(of text: String) -> String? {
        let values = text.splitExactly(at: "\n").compactMap { $0.tail(afterExactly: "name:") }
        guard values.count == 1, let value = values.first else { return nil }
        var problems = ProblemList(file: "")
        guard let node = TreeComposer(file: "").compose(String(value), &problems), case .scalar(let name, _) = node.content else {
            return nil
        }
        return name
    }
}
