/// All there is to try.
public enum FuzzTargets {
    /// Throws where the project's own files, from which inputs are made, cannot be read.
    public static func all() throws -> [any FuzzTarget] {
        let inputs = try JSONInputs()
        return [
            JSONTarget(inputs: inputs), PageTarget(inputs: inputs), RowsTarget(), GzipTarget(), WindowTarget(), TextTarget(),
            try PipelineTarget(),
        ]
    }
}
