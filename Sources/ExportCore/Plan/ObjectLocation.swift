/// The location of an export in an S3-compatible store.
public struct ObjectLocation: Sendable, Hashable {
    /// The bucket's name.
    public var bucket: String
    /// The prefix of all keys, without a slash at either end. Empty for the whole bucket.
    public var prefix: String
    /// Scheme, host, port and path of the store. `nil` for the AWS endpoint of the region.
    public var endpoint: String?
    /// The region. If `nil`, that of the environment or the profile.
    public var region: String?
    /// Whether the bucket is in the path of a URL, and not part of its host. If `nil`, only with an endpoint.
    public var usesPathStyle: Bool?
    /// How long the lock of a run that crashed keeps other runs out.
    public var lease: Duration

    /// The default of `lease`: 60 s.
    public static let defaultLease = Duration.seconds(60)

    /// Creates the location of a prefix in a bucket.
    public init(
        bucket: String, prefix: String, endpoint: String? = nil, region: String? = nil, usesPathStyle: Bool? = nil,
        lease: Duration = defaultLease
    ) {
        self.bucket = bucket
        self.prefix = prefix
        self.endpoint = endpoint
        self.region = region
        self.usesPathStyle = usesPathStyle
        self.lease = lease
    }

    /// `s3://bucket/prefix`.
    public var name: String { prefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(prefix)" }
}

extension ObjectLocation {
    /// Whether a text is a valid name of a region, which is part of a host name: lower-case letters, digits and hyphens.
    package static func isRegion(_ text: String) -> Bool {
        let isFit = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x2D, 0x30...0x39, 0x61...0x7A: true
            default: false
            }
        }
        return isFit && !text.isEmpty && !text.startsExactly(with: "-")
    }
}
