import ExportCore

/// Where a bucket is on the network.
struct StoreAddress: Sendable, Equatable {
    /// Scheme, host and port.
    let root: String
    /// As it is signed: with a port that is not the scheme's own.
    let host: String
    let region: String
    /// Before every key: the path of the endpoint, then a slash, or the bucket's name between slashes.
    private let bucketPath: String

    static let defaultRegion = "us-east-1"

    init(_ location: ObjectLocation, region: String) {
        self.region = region
        let (scheme, host, path) = Self.split(location.endpoint) ?? ("https", Self.host(ofRegion: region), "")
        // A certificate for all buckets covers no name with a dot in it.
        let usesPathStyle = location.usesPathStyle ?? (location.endpoint != nil || location.bucket.containsExactly("."))
        self.host = usesPathStyle ? host : "\(location.bucket).\(host)"
        root = "\(scheme)://\(self.host)"
        bucketPath = path + (usesPathStyle ? "/\(location.bucket)/" : "/")
    }

    /// The path of an object, percent-encoded; of the bucket itself where the key is empty.
    func path(_ key: String) -> String {
        bucketPath + PercentEncoding.encode(path: key)
    }

    /// Scheme, host with its port, and path without a slash at its end. The form was checked where the endpoint was read.
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
