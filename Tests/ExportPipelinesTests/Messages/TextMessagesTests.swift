import Testing

@Suite struct TextMessagesTests {
    @Test(
        "a text that is no pipeline file, or lacks what every pipeline has, is told why",
        arguments: Transcript.read(Self.transcript))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        # nothing
        => 1:1: error: the file is empty; agentsight-export init FILE writes one to start from

        - a
        => 1:1: error: a pipeline file must be a map of settings, but is a list

        hello
        => 1:1: error: a pipeline file must be a map of settings, but is text

        version: 1
        destination: [
        => 3:1: error: this is not YAML: did not find expected node content; indent with spaces; quote values that begin
           with one of { [ * & ! | > % @ or contain ": " or " #"

        version: 1
        version: 1
        destination: out
        => 1:1: error: the key "version" occurs more than once in this map; keep one of them

        version: 1
        destination: out
        ---
        version: 1
        => 3:1: error: a second YAML document begins here; write each pipeline to its own file

        version: 1
        destination: &a out
        => 2:14: error: anchors and aliases are not supported in pipeline files; repeat the value where it is needed

        version: 1
        destination: *a
        => 2:14: error: anchors and aliases are not supported in pipeline files; repeat the value where it is needed

        version: 1
        destination: !secret out
        => 2:14: error: YAML tags such as "!secret" are not supported in pipeline files; remove the tag; quote a value to
           make it text

        version: 1
        destination: out
        ? [a]
        : b
        => 3:3: error: a key must be text; write the settings as name: value

        version: 1
        destination: out
        name: "a\tb\u{7}"
        => 3:11: error: this is not YAML: control characters are not allowed; indent with spaces; quote values that begin
           with one of { [ * & ! | > % @ or contain ": " or " #"

        destination: out
        => 1:1: error: version is missing; add version: 1

        version: 1
        => 1:1: error: destination is missing; add destination: exports/conversations

        version: 2
        destination: out
        => 1:10: error: version must be 1, the only version, but is "2"

        version: 1
        destination: out
        outputs:
          - path: {table}/a.ndjson
        => 4:18: error: this is not YAML: did not find expected key; start all keys of a map in the same column, and quote
           values that begin with { or [

        version: 1
        destination: out
        fetch:
          rate: 1/s
         retries: 2
        => 5:2: error: this is not YAML: did not find expected key; start all keys of a map in the same column, and quote
           values that begin with { or [

        version: 1
        destination: out
        fetch:
        \trate: 1/s
        => 4:1: error: this line is indented with a tab; YAML allows only spaces; indent it with spaces

        version: 1
        destination: "out
        => 3:1: error: this is not YAML: found unexpected end of stream; a quote or a bracket is not closed

        version: 1
        destination: ~/exports
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is "~/exports"; did you mean
           "${HOME}/exports"?

        version: 1
        destination: gs://bucket/x
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is "gs://bucket/x"

        version: 1
        destination: s3://Bucket
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is "s3://Bucket"; did you mean
           "s3://bucket"?

        version: 1
        destination: ""
        => 2:14: error: destination must be a folder, or s3://bucket/prefix, but is ""

        version: 1
        destination: out
        outputs:
          - path: "{date}.ndjson"
        => 4:11: error: {date} needs the start of the window, and without window.from there is none; remove it, or set
           window.from
        """
}
