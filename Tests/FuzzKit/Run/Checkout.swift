import Foundation

/// The files of the project that inputs are made from.
enum Checkout {
    static func path(_ relative: String) -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        return root.appending(path: relative).path(percentEncoded: false)
    }

    static func lines(of relative: String) throws -> [[UInt8]] {
        try Data(contentsOf: URL(filePath: path(relative))).split(separator: 0x0A).map { Array($0) }
    }

    static func texts(in folder: String, ending: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: path(folder)).filter { $0.hasSuffix(ending) }
        return try names.sorted().map { try String(contentsOfFile: path("\(folder)/\($0)"), encoding: .utf8) }
    }
}
