import ExportCore
import ExportStore
import Synchronization
import Testing

@testable import ExportS3

@Suite struct CredentialSourceTests {
    private static let files = [
        "/home/me/.aws/credentials": """
        # keys
        [default]
        aws_access_key_id = DEFAULT
        aws_secret_access_key=secret # mine
        [night]
        aws_access_key_id = NIGHT
        aws_secret_access_key = dark
        aws_session_token = token
        """,
        "/home/me/.aws/config": """
        [default]
        region = eu-west-1
        s3 =
            addressing_style = path
        [profile night]
        region = eu-north-1
        [profile pods]
        role_arn = arn:aws:iam::1:role/r
        web_identity_token_file = /token
        [profile chained]
        role_arn = arn:aws:iam::1:role/r
        source_profile = default
        [profile spaced]
        aws_access_key_id = AKID of mine
        aws_secret_access_key = x
        [profile half]
        aws_access_key_id = HALF
        """,
        "/other": "[default]\naws_access_key_id = OTHER\naws_secret_access_key = x\n",
    ]

    private func find(_ environment: [String: String], home: Bool = true) throws(StoreError) -> CredentialSource {
        let environment = environment.merging(home ? ["HOME": "/home/me"] : [:]) { $1 }
        let profile = SharedProfile(environment: environment) { Self.files[$0] }
        return try CredentialSource.find(environment: environment, profile: profile, destination: "s3://b")
    }

    private func keys(_ id: String, _ secret: String, _ token: String? = nil) -> CredentialSource {
        .fixed(AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token))
    }

    @Test("variables come first, then a web identity's, then the profile")
    func order() throws {
        let role = ["AWS_ROLE_ARN": "r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"]
        let variables = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]
        #expect(try find(variables.merging(role) { $1 }) == keys("ENV", "s"))
        #expect(try find(variables.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }) == keys("ENV", "s", "t"))
        #expect(
            try find(role.merging(["AWS_PROFILE": "night"]) { $1 })
                == .webIdentity(.init(role: "r", tokenFile: "/t", session: "agentsight-export")))
        #expect(try find([:]) == keys("DEFAULT", "secret"))
        #expect(try find(["AWS_PROFILE": "night"]) == keys("NIGHT", "dark", "token"))
        #expect(try find(["AWS_SHARED_CREDENTIALS_FILE": "/other"]) == keys("OTHER", "x"))
        #expect(
            try find(["AWS_PROFILE": "pods", "AWS_ROLE_SESSION_NAME": "n"])
                == .webIdentity(.init(role: "arn:aws:iam::1:role/r", tokenFile: "/token", session: "n")))
    }

    @Test(
        "what is missing is told, and what is set by half is not taken",
        arguments: [
            (["AWS_ACCESS_KEY_ID": "a"], "AWS_SECRET_ACCESS_KEY is not"),
            (["AWS_SECRET_ACCESS_KEY": "a"], "AWS_ACCESS_KEY_ID is not"),
            (["AWS_PROFILE": "half"], "the profile “half” has no keys"), (["AWS_PROFILE": "gone"], "“gone”"),
            (["AWS_PROFILE": "chained"], "role_arn, which is not supported"),
            (
                ["AWS_ACCESS_KEY_ID": "AK\nAKID", "AWS_SECRET_ACCESS_KEY": "x"],
                "a line break or another character that credentials cannot contain"
            ),
            (
                ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "AKID\u{1}"],
                "AWS_SESSION_TOKEN contain a space, a line break"
            ),
            (["AWS_PROFILE": "spaced"], "the keys of the profile “spaced” contain a space"),
        ])
    func missing(environment: [String: String], words: String) {
        let error = #expect(throws: StoreError.self) { try find(environment) }
        let said = "\(error.map(String.init(describing:)) ?? "")"
        #expect(said.contains(words) && !said.contains("AKID"), "\(said)")
    }

    @Test(
        "the shared files are read as AWS's own tools read them, however far their lines are indented",
        arguments: [
            "[default]\n  aws_access_key_id = A\n  aws_secret_access_key = s\n",
            "\u{FEFF}[default]\r\naws_access_key_id=A\r\n# x\r\n\r\naws_secret_access_key = s ; mine\r\n",
            "  [ default ]\n\taws_access_key_id: A\n\t# aws_secret_access_key = no\n\t; nor this\n\n\taws_secret_access_key: s\n",
            "[default]\ns3 =\n  aws_access_key_id = NESTED\n\n  # within\n  x = y\naws_access_key_id = A\nAWS_SECRET_ACCESS_KEY = s # c\n",
            "  [default]\n  aws_access_key_id = A\n  aws_secret_access_key = s\n  s3 =\n    aws_access_key_id = NESTED\n",
            "[other]\naws_access_key_id = B\n [default]\naws_access_key_id = C\n[default]\naws_access_key_id = A\naws_secret_access_key = s\n",
        ])
    func indented(text: String) {
        let file = SharedFile(text)
        #expect(file["default"]?["aws_access_key_id"] == "A" && file["default"]?["aws_secret_access_key"] == "s", "\(text)")
    }

    @Test(
        "a profile's name may be quoted, and stand behind any white space",
        arguments: ["profile night", "profile\t\"night\"", " profile  'night' "])
    func profileNames(section: String) {
        #expect(SharedFile("[\(section)]\nregion = r\n")["profile night"] == ["region": "r"])
    }

    @Test("white space around a key or a token, as a file leaves it, is no part of it")
    func trimmed() throws {
        let environment = ["AWS_ACCESS_KEY_ID": "AKID\n", "AWS_SECRET_ACCESS_KEY": " x\r\n", "AWS_SESSION_TOKEN": "t\n"]
        #expect(try find(environment) == keys("AKID", "x", "t"))
    }

    @Test("no home and no variables are no credentials")
    func nothing() {
        #expect(throws: StoreError.self) { try find([:], home: false) }
    }

    @Test("the region is the file's, or the environment's, or the profile's")
    func region() throws {
        func region(_ own: String?, _ environment: [String: String]) throws -> String {
            let environment = environment.merging(["HOME": "/home/me"]) { $1 }
            return try S3Destination.region(
                of: .init(bucket: "b", prefix: "", region: own), environment,
                SharedProfile(environment: environment) { Self.files[$0] })
        }
        #expect(try region("own", ["AWS_REGION": "env"]) == "own")
        #expect(try region(nil, ["AWS_REGION": "env", "AWS_DEFAULT_REGION": "other"]) == "env")
        #expect(try region(nil, ["AWS_REGION": "", "AWS_DEFAULT_REGION": "other"]) == "other")
        #expect(try region(nil, ["AWS_PROFILE": "night"]) == "eu-north-1")
        #expect(try region(nil, ["AWS_PROFILE": "gone"]) == "us-east-1")
        #expect(try region(nil, ["AWS_REGION": " eu-west-1\n"]) == "eu-west-1")
        for odd in ["s3cr3t\u{1}x", "eu west", "EU-WEST-1", "-x", "eu\n.evil"] {
            let error = #expect(throws: StoreError.self) { try region(nil, ["AWS_DEFAULT_REGION": odd]) }
            #expect("\(error.map(String.init(describing:)) ?? "")".contains("AWS_DEFAULT_REGION is not the name of a region"))
        }
    }

    @Test("a web identity's credentials are read from the answer, and fetched again before they expire")
    func exchange() async throws {
        let response = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>
              <Expiration>2026-11-25T12:00:00Z</Expiration><AccessKeyId>a</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """
        let credentials = try #require(TokenExchange.credentials(from: Array(response.utf8)))
        #expect(credentials.secretAccessKey == "s" && credentials.sessionToken == "t" && credentials.accessKeyID == "a")
        let expiry = try #require(credentials.expiresAt)
        let exchanges = Mutex(0)
        let store = CredentialStore(.webIdentity(.init(role: "r", tokenFile: "f", session: "s"))) { _ in
            exchanges.withLock { $0 += 1 }
            return credentials
        }
        for (before, count) in [(3600, 1), (1800, 1), (301, 1), (200, 2)] as [(Int64, Int)] {
            #expect(try await store.credentials(now: expiry.advanced(by: .seconds(-before))) == credentials)
            #expect(exchanges.withLock(\.self) == count)
        }
    }

    @Test("a token is sent to AWS's service of the region, or to what the environment names, and nowhere in the clear")
    func exchangePlace() {
        func endpoint(_ own: String?, region: String = "eu-west-1") -> String? {
            TokenExchange.endpoint(environment: own.map { ["AWS_ENDPOINT_URL_STS": $0] } ?? [:], region: region)
        }
        #expect(endpoint(nil) == "https://sts.eu-west-1.amazonaws.com")
        #expect(endpoint("", region: "cn-north-1") == "https://sts.cn-north-1.amazonaws.com.cn")
        #expect(endpoint("https://sts.example.com") == "https://sts.example.com")
        #expect(endpoint("http://127.0.0.1:5000") == "http://127.0.0.1:5000")
        #expect(endpoint("http://sts.example.com") == nil)
        #expect(endpoint("http://127.0.0.1.example.com") == nil)
    }
}
