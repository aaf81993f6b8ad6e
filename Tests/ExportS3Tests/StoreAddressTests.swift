import ExportCore
import Testing

@testable import ExportS3

@Suite struct StoreAddressTests {
    @Test(
        "the path of an endpoint stands before the bucket's name, in every request",
        arguments: [
            ("https://gateway.example.com/storage", "https://gateway.example.com", "/storage/bucket/a/b.json"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000", "/bucket/a/b.json"),
            ("https://gateway.example.com:443/x/y", "https://gateway.example.com", "/x/y/bucket/a/b.json"),
        ])
    func path(endpoint: String, root: String, path: String) {
        let location = ObjectLocation(bucket: "bucket", prefix: "a", endpoint: endpoint)
        let address = StoreAddress(location, region: "us-east-1")
        #expect(address.root == root)
        #expect(address.path("a/b.json") == path)
    }
}
