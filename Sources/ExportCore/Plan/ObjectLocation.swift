/// A place in an S3-compatible store: what belongs to one export, and how its store is reached.
public struct ObjectLocation: Sendable, Hashable {
    /// The bucket's name.
    public var bucket: String
    /// Without a slash at either end; empty for the whole bucket.
    public var prefix: String
    /// Scheme, host, port and path of the store. Nil: AWS, in the region's own place.
    public var endpoint: String?
    /// Nil: as the environment or the profile says.
    public var region: String?
    /// Whether the bucket stands in the path of a URL, and not before its host. Nil: with an endpoint.
    public var usesPathStyle: Bool?
    /// How long a run that died keeps others out.
    public var lease: Duration

    /// How long a run that died keeps others out, where nothing is declared: 60 s.
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
    /// Whether a text can be the name of a region, which is part of a host's name: small letters, digits and hyphens.
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
