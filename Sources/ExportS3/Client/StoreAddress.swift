import ExportCore

/// The network address of a bucket.
struct StoreAddress: Sendable, Equatable {
    /// Scheme, host and port.
    let root: String
    /// The host as it is signed, with the port unless it is the scheme's default.
    let host: String
    let region: String
    /// The path before every key: the path of the endpoint, followed by a slash or by the bucket's name between slashes.
    private let bucketPath: String

    static let defaultRegion = "us-east-1"

    init(_ location: ObjectLocation, region: String) {
        self.region = region
        let (scheme, host, path) = Self.split(location.endpoint) ?? ("https", Self.host(ofRegion: region), "")
        // A wildcard certificate does not cover names with a dot.
        let usesPathStyle = location.usesPathStyle ?? (location.endpoint != nil || location.bucket.containsExactly("."))
        self.host = usesPathStyle ? host : "\(location.bucket).\(host)"
        root = "\(scheme)://\(self.host)"
        bucketPath = path + (usesPathStyle ? "/\(location.bucket)/" : "/")
    }

    /// The percent-encoded path of an object, or of the bucket itself if the key is empty.
    func path(_ key: String) -> String {
        bucketPath + PercentEncoding.encode(path: key)
    }

    /// Splits an endpoint into scheme, host with port, and path without a slash at its end. Its form was checked when it was read.
    static func split(_ endpoint: String?) -> (scheme: String, host: String, path: String)? {
        guard let endpoint, let mark = endpoint.utf8.firstRange(of: "://".utf8) else { return nil }
        let scheme = String(endpoint[..<mark.lowerBound])
        let rest = endpoint[mark.upperBound...]
        let start = rest.unicodeScalars.firstIndex(of: "/") ?? rest.endIndex
        let path = String(rest[start...])
        var host = String(rest[..<start])
        let port = scheme == "https" ? ":443" : ":80"
        if host.endsExactly(with: port) { host.removeLast(port.count) }
        return (scheme, host, path)
    }

    private static func host(ofRegion region: String) -> String {
        "s3.\(region).amazonaws.com\(region.startsExactly(with: "cn-") ? ".cn" : "")"
    }
}
