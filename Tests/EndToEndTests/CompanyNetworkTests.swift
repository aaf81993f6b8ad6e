import Foundation
import SampleAPI
import SystemPackage
import Testing

/// A network as companies have it: a proxy that wants a password, and a certificate of the company's own.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct CompanyNetworkTests {
    private static let pipeline = "{ version: 1, name: p, destination: out, window: { every: all } }"

    /// Takes CONNECT to `service.example:443` from whoever has the password, ends TLS under the company's certificate, and passes what
    /// comes on to the imitation. Its port is its first line.
    private static let proxy = """
        import base64, socket, ssl, sys, threading
        expected = "Basic " + base64.b64encode(b"us er:p@ss:word").decode()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        service = ("127.0.0.1", int(sys.argv[1]))

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            finally:
                try: sink.shutdown(socket.SHUT_WR)
                except OSError: pass

        def serve(client):
            head = b""
            while b"\\r\\n\\r\\n" not in head:
                head += client.recv(65536)
            lines = head.decode().split("\\r\\n")
            print(lines[0], file=sys.stderr, flush=True)
            if "proxy-authorization: " + expected.lower() not in [line.lower() for line in lines]:
                return client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\\r\\nContent-Length: 0\\r\\n\\r\\n")
            if lines[0] != "CONNECT service.example:443 HTTP/1.1":
                return client.sendall(b"HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\n\\r\\n")
            client.sendall(b"HTTP/1.1 200 Connection established\\r\\n\\r\\n")
            try:
                inner = context.wrap_socket(client, server_side=True)
            except (ssl.SSLError, OSError):
                return
            target = socket.create_connection(service)
            threading.Thread(target=pump, args=(target, inner), daemon=True).start()
            pump(inner, target)

        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """

    /// Runs a script of the shell beside the proxy, whose port is `$PORT`.
    private func run(_ script: String, in folder: TemporaryFolder, endpoint: String) async throws -> Command.Outcome {
        try folder.write(Self.pipeline, to: "p.yml")
        try folder.write(Self.proxy, to: "proxy.py")
        let port = try #require(endpoint.split(separator: ":").last)
        return try await Command.runScript(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=service.example -addext subjectAltName=DNS:service.example \
              -keyout key.pem -out cert.pem 2>/dev/null || exit 90
            python3 proxy.py \(port) > port 2> requests & proxy=$!
            trap 'kill $proxy' EXIT
            until [ -s port ]; do kill -0 $proxy || exit 91; done
            PORT=$(cat port)
            export AGENTSIGHT_API_ENDPOINT=https://service.example
            \(script)
            """, in: folder)
    }

    @Test("the service behind a proxy with a password and a company's certificate is exported, and the password appears nowhere")
    func exports() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let outcome = try await run(
                    """
                    export HTTPS_PROXY="http://us%20er:p%40ss%3Aword@127.0.0.1:$PORT" SSL_CERT_FILE=cert.pem
                    "$COMMAND" probe | grep -E '^(proxy|certificates)'
                    "$COMMAND" run p.yml -v && "$COMMAND" verify p.yml --server
                    """, in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
                #expect(lines.first?.first == "proxy" && lines.first?.last?.hasPrefix("http://127.0.0.1:") == true)
                #expect(lines.dropFirst().first?.joined(separator: " ") == "certificates from SSL_CERT_FILE")
                let requests = String(decoding: try folder.read("requests"), as: UTF8.self)
                #expect(requests.contains("CONNECT service.example:443 HTTP/1.1"))
                var texts = [outcome.output, outcome.errors]
                texts += try folder.files(below: "out").values.map { String(decoding: $0, as: UTF8.self) }
                for text in texts { #expect(!text.contains("ss:word") && !text.contains("p%40") && !text.contains("us er")) }
            }
        }
    }

    @Test(
        "what stands between a run and the service is named, with what to do",
        arguments: [
            (
                "HTTPS_PROXY=http://us%20er:wrong@127.0.0.1:$PORT SSL_CERT_FILE=cert.pem",
                "no connection (the proxy http://127.0.0.1:PORT requires a user and a password, or refused them: set them in HTTPS_PROXY, such as "
                    + "http://user:password@host:port)"
            ),
            (
                "https_proxy=http://us%20er:p%40ss%3Aword@127.0.0.1:$PORT AGENTSIGHT_API_ENDPOINT=https://elsewhere.example",
                "no connection (the proxy http://127.0.0.1:PORT refused the connection)"
            ),
            (
                "HTTPS_PROXY=http://127.0.0.1:1",
                "no connection (connection refused by the proxy http://127.0.0.1:1, set in HTTPS_PROXY)"
            ),
            (
                "HTTPS_PROXY=http://us%20er:p%40ss%3Aword@127.0.0.1:$PORT",
                "no connection (the host's TLS certificate is not trusted by this machine)"
            ),
        ])
    func faults(environment: String, words: String) async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let outcome = try await run("env \(environment) \"$COMMAND\" run p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 75, "\(outcome.testDescription)")
                let port = String(decoding: try folder.read("port"), as: UTF8.self).trimmingCharacters(in: .newlines)
                #expect(outcome.errors.contains(words.replacing("PORT", with: port)), "\(outcome.testDescription)")
                #expect(!outcome.errors.contains("ss%3A") && !outcome.errors.contains("wrong"))
                #expect(service.statistics.requests == 0)
            }
        }
    }

    @Test(
        "a host that cannot be reached has not refused the connection, and the system's reason is told",
        .enabled(if: Death.tracer != nil, "strace is not installed"),
        arguments: [
            ("ECONNREFUSED", "http://localhost:1", [:], "connection refused by http://localhost:1"),
            ("ENETUNREACH", "http://localhost:1", [:], "cannot reach http://localhost:1: network is unreachable"),
            (
                "EHOSTUNREACH", "https://elsewhere.example", ["HTTPS_PROXY": "http://localhost:1"],
                "cannot reach the proxy http://localhost:1, set in HTTPS_PROXY: no route to host"
            ),
        ])
    func unreachable(error: String, endpoint: String, environment: [String: String], words: String) async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await Command.run(
                FilePath(Death.tracer ?? ""),
                [
                    "-f", "-qq", "-o", "/dev/null", "-e", "trace=connect", "-e", "inject=connect:error=\(error)",
                    Command.binary.string, "probe",
                ], in: folder, endpoint: endpoint, key: Sample.key, environment: environment)
            #expect(outcome.status == 75 && outcome.errors.contains("no connection (\(words))"), "\(outcome.testDescription)")
        }
    }

    @Test("a variable of the network that cannot be what it has to be ends the command with 2 before anything is sent")
    func wrongVariable() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run(
                    "run", "p.yml", in: folder, endpoint: endpoint, environment: ["https_proxy": "https://me:s3cret@proxy"])
                let words =
                    "https_proxy has an unsupported kind of proxy. Use http:// or socks5://."
                #expect(outcome.status == 2 && outcome.errors == "error: \(words)\n", "\(outcome.testDescription)")
                #expect(service.statistics.requests == 0)
            }
        }
    }
}
