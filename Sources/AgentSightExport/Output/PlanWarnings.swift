import ExportCore
import ExportEngine
import ExportPipelines

extension ExportPlan {
    /// What is allowed and probably not meant.
    var warnings: [String] { endings + exposures }

    /// Fields that one output leaves out or hashes, and another of the same table writes.
    private var exposures: [String] {
        outputs.enumerated().flatMap { index, output in
            (output.privacy.exclude + output.privacy.hash).flatMap { path in
                outputs.indices.filter { outputs[$0].table == output.table && outputs[$0].writes(path) }.map { other in
                    """
                    output \(other + 1) writes \(path.joined(separator: ".").shown()), which output \(index + 1) excludes or \
                    hashes. If that is not meant, add it to exclude or hash of output \(other + 1).
                    """
                }
            }
        }
    }

    private var endings: [String] {
        outputs.enumerated().compactMap { index, output in
            let isCompressed = output.fileCompression != .none
            let number = outputs.count > 1 ? " \(index + 1)" : ""
            return switch (isCompressed, output.path.endsExactly(with: ".gz")) {
            case (true, false):
                """
                output\(number) is compressed, but its path \(output.path) does not end in .gz, and readers rely on the \
                extension. Add .gz to the path, or set compression: none.
                """
            case (false, true):
                """
                output\(number) is not compressed, but its path \(output.path) ends in .gz, and readers rely on the extension. \
                Remove .gz from the path, or remove compression.
                """
            default: nil
            }
        }
    }
}

extension UnlistedKey {
    var warning: String {
        let nearest = NearestName.of(key, in: named).map { "; did you mean \"\($0)\"?" } ?? ""
        let rows = table == .conversations ? "conversations" : "messages"
        return "metadata.\(key): the service lists no such key of \(rows)\(nearest)"
    }
}
