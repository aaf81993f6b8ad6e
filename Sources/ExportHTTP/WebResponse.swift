import ExportCore
package import NIOCore
package import NIOHTTP1

/// The status and headers of a response, which arrive before its body.
package struct ResponseHead: Sendable {
    /// The HTTP status.
    package let status: Int
    /// All headers, unchanged.
    package let headers: HTTPHeaders

    /// Creates a head.
    package init(status: Int, headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }

    /// The first header with a name.
    package func header(_ name: String) -> String? { headers.first(name: name) }

    /// Whether the content type says that the body is a web page.
    package var isHTML: Bool {
        let type = header("Content-Type")?.lowercased() ?? ""
        return type.startsExactly(with: "text/html") || type.startsExactly(with: "application/xhtml")
    }
}

/// A response: its head and its raw body.
package struct WebResponse: Sendable {
    /// Status and headers.
    package let head: ResponseHead
    /// The part of the body that was requested to be read, not decoded.
    package let body: ByteBuffer

    /// Creates a response.
    package init(head: ResponseHead, body: ByteBuffer) {
        self.head = head
        self.body = body
    }

    /// Whether the body is an HTML page, by its content type or its first bytes.
    package var isHTMLPage: Bool { head.isHTML || HTMLPage.begins(body.readableBytesView) }
}
