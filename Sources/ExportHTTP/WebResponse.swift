import ExportCore
package import NIOCore
package import NIOHTTP1

/// Status and headers of an answer: what is known of it before its body has come.
package struct ResponseHead: Sendable {
    /// The HTTP status.
    package let status: Int
    /// All headers, as they came.
    package let headers: HTTPHeaders

    /// Creates a head.
    package init(status: Int, headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }

    /// The first header of a name.
    package func header(_ name: String) -> String? { headers.first(name: name) }

    /// Whether the content type says that the body is a web page.
    package var isHTML: Bool {
        let type = header("Content-Type")?.lowercased() ?? ""
        return type.startsExactly(with: "text/html") || type.startsExactly(with: "application/xhtml")
    }
}

/// Head and body, before anybody has made sense of them.
package struct WebResponse: Sendable {
    /// Status and headers.
    package let head: ResponseHead
    /// The body, as much of it as was asked for, not decoded.
    package let body: ByteBuffer

    /// Creates a response.
    package init(head: ResponseHead, body: ByteBuffer) {
        self.head = head
        self.body = body
    }

    /// Whether it is a page of HTML, by its content type or its first bytes.
    package var isHTMLPage: Bool { head.isHTML || HTMLPage.begins(body.readableBytesView) }
}
