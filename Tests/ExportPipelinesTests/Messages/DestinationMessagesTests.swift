import Testing

@Suite struct DestinationMessagesTests {
    @Test("what is said of the destination", arguments: Transcript.read(Self.transcript, after: "version: 1\n"))
    func said(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        destination: []
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is a list

        destination: {}
        => 2:14: error: destination.url is missing; add url: s3://bucket/prefix

        destination: { url: exports }
        => 2:21: error: destination.url must be s3://bucket/prefix, but is "exports"

        destination: { url: S3://Bucket/x }
        => 2:21: error: destination.url must be s3://bucket/prefix, but is "S3://Bucket/x"; did you mean "s3://bucket/x"?

        destination: { url: "s3://bucket/a//b" }
        => 2:21: error: destination.url must be s3://bucket/prefix, but is "s3://bucket/a//b"

        destination: s3://bucket/../b
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is "s3://bucket/../b"

        destination: { url: "s3://bucket", pathstyle: true }
        => 2:36: error: unknown key "pathstyle" in destination; did you mean "path_style"?

        destination: { url: "s3://bucket", access_key: AKIDX }
        => 2:36: error: unknown key "access_key" in destination; valid keys are url, endpoint, region, path_style, lease,
           allow_http

        destination: { url: "s3://bucket", path_style: yes }
        => 2:48: error: destination.path_style must be true or false, but is "yes"; did you mean "true"?

        destination: { url: "s3://bucket", region: EU-West-1 }
        => 2:44: error: destination.region must be a region such as eu-central-1, but is "EU-West-1"; did you mean
           "eu-west-1"?

        destination: { url: "s3://bucket", lease: 1s }
        => 2:43: error: destination.lease must be a duration from 5s to 1h, but is "1s"

        destination: { url: "s3://bucket", endpoint: storage.example.com }
        => 2:46: error: "storage.example.com" is not an endpoint: it must be http or https, a host and, if needed, a port;
           write https://storage.example.com

        destination: { url: "s3://bucket", endpoint: "https://x.example.com/a//b" }
        => 2:46: error: "https://x.example.com/a//b" has a path that cannot be part of an address: an empty part, "." or
           "..", or a character that is not allowed there; write https://gateway.example.com/storage

        destination: { url: "s3://bucket", endpoint: "https://me:pw@x.example.com" }
        => 2:46: error: the endpoint contains a user or a password; remove them; credentials come from the environment or
           the shared files

        destination: { url: "s3://bucket", endpoint: "http://x.example.com" }
        => 2:46: error: plain http would send customers' conversations to x.example.com in the clear; use https, or allow
           the host: allow_http: [x.example.com]

        destination: out
        url: s3://bucket
        => 3:1: error: unknown key "url" at the top of the file; it belongs in destination
        """
}
