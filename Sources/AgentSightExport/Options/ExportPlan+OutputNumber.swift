import ExportCore
import ExportReport

extension ExportPlan {
    /// The index of an output that `--output` names, counted from 1.
    /// - Throws: `CommandFailure` if there is no such output.
    func outputIndex(_ number: Int) throws -> Int {
        guard 1...outputs.count ~= number else {
            throw CommandFailure(
                "--output \(number): the pipeline file has \(Figures.count(outputs.count, "output")).", .wrongCommand)
        }
        return number - 1
    }

    /// The same with one output, which is streamed: uncompressed, since it goes into a pipe.
    func narrowed(toOutput index: Int) -> ExportPlan {
        var plan = self
        plan.outputs = [outputs[index]]
        if !outputs[index].format.traits.compressesInside { plan.outputs[0].compression = .none }
        plan.windows = windows.map { $0.with(paths: [$0.paths[index]]) }
        return plan
    }
}
