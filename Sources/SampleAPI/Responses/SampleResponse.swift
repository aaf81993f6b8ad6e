/// A whole answer, before anything goes wrong with it.
struct SampleResponse: Sendable {
    var status: Int
    var contentType: String
    var headers: [Header] = []
    var body: [UInt8]

    struct Header: Sendable, Hashable {
        var name: String
        var value: String
    }

    static func json(_ value: JSONValue, status: Int = 200) -> SampleResponse {
        SampleResponse(status: status, contentType: "application/json", body: value.rendered)
    }

    static func html(_ status: Int, _ title: String) -> SampleResponse {
        let page =
            "<!doctype html>\n<html lang=\"en\">\n<head><title>\(title)</title></head>\n<body><h1>\(title)</h1></body>\n</html>\n"
        return SampleResponse(status: status, contentType: "text/html; charset=utf-8", body: Array(page.utf8))
    }

    /// A refusal: in JSON for those who accept it, else in HTML.
    static func refusal(_ status: Int, _ detail: String, json: Bool) -> SampleResponse {
        json ? .json(["detail": .string(detail)], status: status) : .html(status, detail)
    }
}
