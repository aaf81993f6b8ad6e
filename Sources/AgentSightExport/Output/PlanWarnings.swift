import ExportCore
import ExportEngine
import ExportPipelines

extension ExportPlan {
    /// Settings that are allowed, but probably not intended.
    var warnings: [String] { endings + exposures + names + looks }

    /// Declared columns whose names differ only in the case of letters, or are longer than PostgreSQL's may be.
    private var names: [String] {
        outputs.enumerated().flatMap { index, output in
            let names = (output.columns ?? []).compactMap { selector -> String? in
                switch selector {
                case .column(let column): column.name
                case .agent(let name): name
                case .every, .rest: nil
                }
            }
            let number = outputs.count > 1 ? " \(index + 1)" : ""
            let alike = Dictionary(grouping: names, by: { $0.lowercased() }).values.filter { $0.count > 1 }.map { alike in
                """
                output\(number) has columns whose names differ only in case: \(alike.map { $0.shown() }.joined(separator: ", ")). \
                BigQuery, DuckDB, Redshift and Snowflake treat them as one; `load` and `schema` rename all but the first.
                """
            }
            let long = names.filter { $0.utf8.count > 63 }.map {
                """
                output\(number) has a column whose name is longer than 63 bytes: \($0.shown()). PostgreSQL allows no longer names; \
                `load` and `schema` shorten it there.
                """
            }
            return alike.sorted() + long
        }
    }

    /// Fields that one output leaves out or hashes, and another of the same table writes.
    private var exposures: [String] {
        outputs.enumerated().flatMap { index, output in
            (output.privacy.exclude + output.privacy.hash).flatMap { path in
                outputs.indices.filter { outputs[$0].table == output.table && outputs[$0].writes(path) }.map { other in
                    """
                    output \(other + 1) writes \(path.joined(separator: ".").shown()), which output \(index + 1) excludes or \
                    hashes. If that is not intended, add it to exclude or hash of output \(other + 1).
                    """
                }
            }
        }
    }

    /// Looks that were to compare fields, and have nothing to compare them with.
    private var looks: [String] {
        guard windowing.refresh.contains(where: { $0.look > .counts }), let place = outputWithoutDigests else { return [] }
        return [
            """
            window.refresh compares no fields, because \(outputs.count > 1 ? "output \(place + 1)" : "the output") excludes or hashes \
            \(outputs[place].idField). keep_rows: with_excluded, or an output with rows as they came, makes it compare fields.
            """
        ]
    }

    private var endings: [String] {
        outputs.enumerated().compactMap { index, output in
            let number = outputs.count > 1 ? " \(index + 1)" : ""
            let due = output.fileCompression.kind.fileExtension
            let found = [".gz", ".zst"].first { output.path.endsExactly(with: $0) } ?? ""
            if due.equalsExactly(found) { return nil }
            return due.isEmpty
                ? """
                output\(number) is not compressed, but its path \(output.path) ends in \(found), and readers rely on the extension. \
                Remove \(found) from the path, or set compression: \(found.equalsExactly(".gz") ? "gzip" : "zstd").
                """
                : """
                output\(number) is compressed, but its path \(output.path) does not end in \(due), and readers rely on the \
                extension. Add \(due) to the path, or set compression: none.
                """
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
