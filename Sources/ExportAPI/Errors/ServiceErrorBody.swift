import ExportCore
import FoundationEssentials

/// The message in the body of an error response, before redaction.
enum ServiceErrorBody {
    /// Reads `{"detail": "…"}`, `{"field": ["…"]}` or `{"field": "…"}`. `nil` for anything else, such as HTML.
    static func read(_ body: [UInt8]) -> String? {
        guard let fields = try? JSONDecoder().decode([String: Words].self, from: json(body)), !fields.isEmpty else { return nil }
        let words = fields.sorted { $0.key < $1.key }.map { name, words in
            name == "detail" ? words.text : "\(name): \(words.text)"
        }
        return words.joined(separator: "; ")
    }

    /// Whether the body is exactly `{"detail": "…"}`, in any language: the form of errors in Django REST framework.
    static func isDetailAlone(_ body: [UInt8]) -> Bool {
        let fields = try? JSONDecoder().decode([String: String].self, from: json(body))
        return fields?.count == 1 && fields?["detail"] != nil
    }

    private static func json(_ body: [UInt8]) -> Data { Data(body.dropFirst(ByteOrderMark.length(in: body))) }

    private struct Words: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let list = try? container.decode([String].self) {
                text = list.joined(separator: " ")
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
