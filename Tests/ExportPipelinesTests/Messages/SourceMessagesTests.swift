import Testing

@Suite struct SourceMessagesTests {
    @Test("a wrong source is told why", arguments: Transcript.read(Self.transcript, after: smallest))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        source:
          agents: keys/*.key
        => 4:11: error: no file matches "keys/*.key"; each key file holds one key; its name without the extension is the
           name of the agent

        source:
          agents: []
        => 4:11: error: source.agents must be a list of agents, or a pattern of key files such as keys/*.key, but is
           something else

        source:
          agents: { a: b }
        => 4:11: error: source.agents must be a list of agents, or a pattern of key files such as keys/*.key, but is a map

        source:
          agents: [{ name: a, api_kee: x }]
        => 4:12: error: source.agents.0.api_key is missing; add api_key: ${AGENTSIGHT_API_KEY_EU}
        => 4:23: error: unknown key "api_kee" in an agent; did you mean "api_key"?

        source:
          endpoint: api.agentsight.io
        => 4:13: error: "api.agentsight.io" is not an endpoint: it must be http or https, a host and, if needed, a port;
           write https://api.agentsight.io

        source:
          endpoint: ftp://api.agentsight.io
        => 4:13: error: "ftp://api.agentsight.io" is not an endpoint: only http and https are supported; write
           https://api.agentsight.io

        source:
          endpoint: https://api.agentsight.io/a/../b
        => 4:13: error: "https://api.agentsight.io/a/../b" has a path that cannot be part of an address: an empty part, "."
           or "..", or a character that is not allowed there; write https://gateway.example.com/agentsight

        source:
          endpoint: https://api.agentsight.io?x=1
        => 4:13: error: the endpoint has a query or a fragment; end it after the host and port

        source:
          endpoint: https://me:secret@api.agentsight.io
        => 4:13: error: the endpoint contains a user or a password; remove them; the key comes from api_key

        source:
          endpoint: http://api.agentsight.io
        => 4:13: error: plain http would send the API key to api.agentsight.io in the clear; use https, or allow the host:
           allow_http: [api.agentsight.io]

        source:
          endpoint: https://api.agentsight.io:99999
        => 4:13: error: "https://api.agentsight.io:99999" is not an endpoint: it must be http or https, a host and, if
           needed, a port; write https://api.agentsight.io

        source:
          api_key: 0123456789
        => 4:12: error: an API key must not be written in a pipeline file, because such files are copied, committed and
           shown; write ${AGENTSIGHT_API_KEY} and export that variable, or name a file in api_key_file

        source:
          api_key: [a]
        => 4:12: error: source.api_key must be a reference such as ${AGENTSIGHT_API_KEY}, but is a list

        source:
          api_key: ${A}
          api_key_file: key
        => 5:3: error: api_key and api_key_file are both given; keep one of them

        source:
          stream: conversation
        => 4:11: error: source.stream must be conversations, but is "conversation"; did you mean "conversations"?

        source:
          detail: fat
        => 4:11: error: source.detail must be one of full, lean, but is "fat"

        source:
          allow_http: proxy.local
        => 4:15: error: source.allow_http must be a list, but is text

        source:
          allow_http: ["http://proxy"]
        => 4:16: error: source.allow_http must be a host's name without scheme and port, but is "http://proxy"
        """
}
