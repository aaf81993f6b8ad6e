import ExportCore

/// Text as it stands between the tags of a request's XML.
package enum XMLText {
    /// The text with the characters escaped that XML gives a meaning to.
    package static func escaped(_ text: String) -> String {
        text.mappingScalars { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: nil
            }
        }
    }
}
