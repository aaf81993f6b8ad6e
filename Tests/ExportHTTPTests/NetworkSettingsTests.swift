import Foundation
import Testing

@testable import ExportHTTP

@Suite struct NetworkSettingsTests {
    @Test(
        "the variables of a proxy are read as other programs read them",
        arguments: [
            (["HTTPS_PROXY": "http://proxy.example.com:3128"], "https://api.agentsight.io/x", "http://proxy.example.com:3128"),
            (["https_proxy": "proxy.example.com:3128"], "https://api.agentsight.io/x", "http://proxy.example.com:3128"),
            (["https_proxy": "http://a", "HTTPS_PROXY": "http://b"], "https://host", "http://a:80"),
            (["https_proxy": " ", "HTTPS_PROXY": " http://b:1 \n"], "https://host", "http://b:1"),
            (["ALL_PROXY": "socks5://s"], "https://host", "socks5://s:1080"),
            (["all_proxy": "http://a:8"], "http://host", "http://a:8"),
            (["HTTP_PROXY": "http://a:8"], "https://host", nil), (["HTTP_PROXY": "http://a:8"], "http://host", "http://a:8"),
            (["HTTPS_PROXY": "http://user:p%40ss@a:8"], "https://host", "http://a:8"), ([:], "https://host", nil),
        ] as [([String: String], String, String?)])
    func proxies(environment: [String: String], url: String, proxy: String?) throws {
        #expect(try NetworkSettings(environment: environment).proxy(for: url).map { "\($0)" } == proxy)
    }

    @Test("user and password go to the proxy and into no text")
    func credentials() throws {
        let settings = try NetworkSettings(environment: ["HTTPS_PROXY": "http://us%20er:p%40ss%3A@a:8"])
        let proxy = try #require(settings.proxy(for: "https://host"))
        #expect(proxy.credentials == .init(user: "us er", password: "p@ss:"))
        #expect(!"\(proxy)".contains("ss") && !"\(proxy)".contains("us"))
    }

    @Test(
        "what NO_PROXY names, and this machine, is reached without a proxy",
        arguments: [
            ("*", "https://host", true), ("example.com", "https://example.com", true),
            ("example.com", "https://api.Example.com", true),
            (".example.com", "https://api.example.com", true), ("*.example.com", "https://api.example.com", true),
            ("example.com", "https://notexample.com", false), ("other.com, example.com", "https://example.com/x", true),
            ("other.com example.com", "https://example.com", true), ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false), ("10.0.0.0/33", "https://10.1.2.3", false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("2001:db8::/32", "https://[2001:db8::1]", true), ("2001:db8::/32", "https://[2001:db9::1]", false),
            ("example.com:8443", "https://example.com:8443", true), ("example.com:8443", "https://example.com", false),
            ("", "https://localhost:1", true), ("", "https://127.9.9.9", true), ("", "https://[::1]:8", true),
            ("", "https://host", false),
        ])
    func exceptions(list: String, url: String, isDirect: Bool) throws {
        for name in ["no_proxy", "NO_PROXY"] {
            let settings = try NetworkSettings(environment: ["HTTPS_PROXY": "http://proxy:1", name: list])
            #expect((settings.proxy(for: url) == nil) == isDirect, "\(name)")
        }
    }

    @Test(
        "a variable that cannot be what it has to be is named, and what it holds is not shown",
        arguments: wrong)
    func faults(environment: [String: String], words: String) {
        do throws(NetworkFault) {
            _ = try NetworkSettings(environment: environment)
            Issue.record("nothing was refused")
        } catch {
            #expect(error.description == words)
        }
    }

    private static let wrong: [([String: String], String)] = [
        (
            ["HTTPS_PROXY": "http://user:s3cr#t@"],
            """
            HTTPS_PROXY is not the URL of a proxy. Write http://proxy.example.com:3128, and percent-encode special characters in \
            a user or a password, such as %40 for @.
            """
        ),
        (
            ["https_proxy": "https://user:s3cret@proxy"],
            "https_proxy has an unsupported kind of proxy. Use http:// or socks5://."
        ),
        (
            ["ALL_PROXY": "socks5://user:s3cret@proxy"],
            "ALL_PROXY has a user for a SOCKS proxy, which is not supported. Use an http:// proxy."
        ),
        (
            ["SSL_CERT_FILE": "/nowhere/ca.pem"],
            """
            SSL_CERT_FILE is /nowhere/ca.pem, and no PEM certificate can be read from it. Check the path and the permissions of \
            the file.
            """
        ),
        (["SSL_CERT_DIR": "/nowhere"], "SSL_CERT_DIR is /nowhere, which is not a folder. Check the path."),
    ]

    @Test("no case is without its text here")
    func complete() {
        let found = Self.wrong.compactMap { environment, _ -> Int? in
            do throws(NetworkFault) {
                _ = try NetworkSettings(environment: environment)
                return nil
            } catch {
                return switch error {
                case .notAProxy: 0
                case .unknownProxyScheme: 1
                case .credentialsForSOCKS: 2
                case .noCertificates: 3
                case .noFolder: 4
                }
            }
        }
        #expect(Set(found) == Set(0...4))
    }

    @Test("folders of SSL_CERT_DIR and the bundle of a store take the place of the system's certificates")
    func roots() throws {
        #expect(try NetworkSettings(environment: ["SSL_CERT_FILE": ""]).roots == nil)
        let folders = try NetworkSettings(environment: ["SSL_CERT_DIR": "/tmp:/usr"])
        #expect(folders.roots?.suffix(2) == ["/tmp", "/usr"] && folders.rootsVariables == ["SSL_CERT_DIR"])
    }
}
