import ExportCore

/// Where a bucket is on the network.
struct StoreAddress: Sendable, Equatable {
    /// Scheme, host and port.
    let root: String
    /// As it is signed: with a port that is not the scheme's own.
    let host: String
    let region: String
    /// Before every key: empty, or the bucket's name between slashes.
    private let bucketPath: String

    static let standardRegion = "us-east-1"

    init(_ location: ObjectLocation, region: String) {
        self.region = region
        let (scheme, host) = Self.split(location.endpoint) ?? ("https", Self.host(ofRegion: region))
        // A certificate for all buckets covers no name with a dot in it.
        let usesPathStyle = location.usesPathStyle ?? (location.endpoint != nil || location.bucket.contains("."))
        self.host = usesPathStyle ? host : "\(location.bucket).\(host)"
        root = "\(scheme)://\(self.host)"
        bucketPath = usesPathStyle ? "/\(location.bucket)/" : "/"
    }

    /// The path of an object, percent-encoded; of the bucket itself where the key is empty.
    func path(_ key: String) -> String {
        bucketPath + PercentEncoding.encode(path: key)
    }

    /// Scheme and host with its port. The form was checked where the endpoint was read.
    static func split(_ endpoint: String?) -> (scheme: String, host: String)? {
        guard let endpoint, let mark = endpoint.firstRange(of: "://") else { return nil }
        let scheme = String(endpoint[..<mark.lowerBound])
        var host = String(endpoint[mark.upperBound...])
        let port = scheme == "https" ? ":443" : ":80"
        if host.hasSuffix(port) { host.removeLast(port.count) }
        return (scheme, host)
    }

    private static func host(ofRegion region: String) -> String {
        "s3.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    }
}
