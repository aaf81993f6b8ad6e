import Testing

@Suite struct SettingsMessagesTests {
    @Test("a wrong setting is told why, and what is near", arguments: Transcript.read(Self.transcript, after: smallest))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        nam: x
        => 3:1: error: unknown key "nam" at the top of the file; did you mean "name"?

        colour: red
        => 3:1: error: unknown key "colour" at the top of the file; valid keys are version, name, source, filters, window,
           fetch, destination, outputs, hash_key, hash_key_file, keep_rows, load, warn_if_empty

        device: mobile
        => 3:1: error: unknown key "device" at the top of the file; it belongs in filters

        name: a b
        => 3:7: error: name must be letters, digits, "-", "_" and ".", and not dots alone, but is "a b"

        name: ..
        => 3:7: error: name must be letters, digits, "-", "_" and ".", and not dots alone, but is ".."

        fetch: 8
        => 3:8: error: fetch must be a map of settings, but is text

        fetch: [8]
        => 3:8: error: fetch must be a map of settings, but is a list

        fetch:
          concurency: 4
        => 4:3: error: unknown key "concurency" in fetch; did you mean "concurrency"?

        fetch:
          concurrency: many
        => 4:16: error: fetch.concurrency must be a whole number from 1 to 64, but is "many"

        fetch:
          concurrency: 65
        => 4:16: error: fetch.concurrency must be a whole number from 1 to 64, but is "65"

        fetch:
          concurrency: [4]
        => 4:16: error: fetch.concurrency must be a whole number from 1 to 64, but is a list

        fetch:
          concurrency:
        => 4:15: error: fetch.concurrency must be a whole number from 1 to 64, but is empty; give it a value, or remove the
           line

        fetch:
          page_size: 101
        => 4:14: error: fetch.page_size must be a whole number from 1 to 100, but is "101"

        fetch:
          rate: 900
        => 4:9: error: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is "900"

        fetch:
          rate: 0/s
        => 4:9: error: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is "0/s"

        fetch:
          rate: 0.001/h
        => 4:9: error: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is "0.001/h"

        fetch:
          rate: 10000000/s
        => 4:9: error: fetch.rate must be a rate such as 15/s, 900/min or 50000/h, but is "10000000/s"

        fetch:
          timeout: 2h
        => 4:12: error: fetch.timeout must be a duration from 1s to 1h, but is "2h"

        fetch:
          retries: -1
        => 4:12: error: fetch.retries must be a whole number from 0 to 50, but is "-1"

        fetch:
          walk: page
        => 4:9: error: fetch.walk must be one of ranges, pages, but is "page"; did you mean "pages"?

        fetch:
          transfer: zip
        => 4:13: error: fetch.transfer must be one of auto, gzip, identity, but is "zip"; did you mean "gzip"?

        name: ${NAME}
        => 3:7: error: the environment variable "NAME" is not set or is empty; export it, or write $$ for a dollar sign

        name: ${NAME:-x}
        => 3:7: error: "${NAME:-x}" contains a "${" that is not a reference to an environment variable; write ${NAME}, or $$
           for a dollar sign
        """
}
