import ExportCore
package import NIOCore
package import NIOHTTP1

/// Status and headers of an answer: what is known of it before its body has come.
package struct ResponseHead: Sendable {
    package let status: Int
    package let headers: HTTPHeaders

    package init(status: Int, headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }

    /// The first header of a name.
    package func header(_ name: String) -> String? { headers.first(name: name) }

    package var isHTML: Bool {
        let type = header("Content-Type")?.lowercased() ?? ""
        return type.startsExactly(with: "text/html") || type.startsExactly(with: "application/xhtml")
    }
}

/// Head and body, before anybody has made sense of them.
package struct WebResponse: Sendable {
    package let head: ResponseHead
    package let body: ByteBuffer

    package init(head: ResponseHead, body: ByteBuffer) {
        self.head = head
        self.body = body
    }

    /// Whether it is a page of HTML, by its content type or its first bytes.
    package var isHTMLPage: Bool { head.isHTML || HTMLPage.begins(body.readableBytesView) }
}
