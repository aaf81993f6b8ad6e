import Testing

@Suite struct OutputsMessagesTests {
    @Test(
        "a wrong output is told why",
        arguments: Transcript.read(Self.transcript, after: smallest + "window: { from: 2026-01-01 }\n"))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        outputs:
          - { format: csv, path: "{agent}/{date}.csv", columns: ["{agent}", id] }
        => 5:26: error: {agent} needs source.agents, which is not set; remove it, or list agents under source
        => 5:58: error: {agent} needs source.agents, which is not set; remove it, or list agents under source

        outputs:
          - { exclude: [customer_ip_adress, messages.contnt, metadata.anything, new_field], hash: [costumer_id] }
        => 5:17: error: conversations have no field "customer_ip_adress"; did you mean "customer_ip_address"?
        => 5:37: error: messages have no field "messages.contnt"; did you mean "messages.content"?
        => 5:92: error: conversations have no field "costumer_id"; did you mean "customer_id"?
        => 5:92: error: hashing "costumer_id" needs a key, and hash_key is missing; add hash_key: ${AGENTSIGHT_HASH_KEY} at
           the top of the file

        hash_key: ${HASH_KEY}
        outputs:
          - { format: csv, exclude: [metadata], hash: [metadata.email], columns: [id, metadata.tier, started_at] }
        => 6:48: error: "metadata.email" is hashed, but exclude leaves it out; remove it from one of them
        => 6:79: error: columns lists "metadata.tier", which exclude or hash leaves out; remove it from one of them

        keep_rows: true
        outputs:
          - { exclude: [customer_ip_address] }
        => 4:12: error: keep_rows: true would keep whole rows, including customer_ip_address, which an output excludes or
           hashes; remove keep_rows, or set keep_rows: with_excluded to keep them on purpose

        keep_rows: with_excludes
        => 4:12: error: keep_rows must be true, false or with_excluded, but is "with_excludes"; did you mean "with_excluded"?

        keep_rows: maybe
        => 4:12: error: keep_rows must be true, false or with_excluded, but is "maybe"

        hash_key: hunter2
        => 4:11: error: a hash key must not be written in a pipeline file, because such files are copied, committed and shown;
           write ${AGENTSIGHT_HASH_KEY} and export that variable, or name a file in hash_key_file

        hash_key: [hunter2]
        => 4:11: error: hash_key must be a reference such as ${AGENTSIGHT_HASH_KEY}, but is a list

        hash_key: ${HASH_KEY}
        hash_key_file: hash.key
        => 5:1: error: hash_key and hash_key_file are both given; keep one of them

        outputs:
          - { format: csv, columns: ["*", "-messages"] }
        => 5:30: error: "*" is no column, and without columns every field is written; remove columns, and leave
           fields out with exclude: [messages]
        => 5:35: error: columns cannot leave a column out, as "-messages" would; remove columns, and write exclude: [messages]

        outputs: []
        => 4:10: error: outputs is empty, so nothing would be written; remove the line for the default, one ndjson file per
           window

        outputs: {}
        => 4:10: error: outputs must be a list, but is a map

        outputs: [ndjson]
        => 4:11: error: outputs.0 must be a map of settings, but is text

        outputs:
          - { table: feedbacks, flatten: [metadata] }
        => 5:34: error: feedbacks have no objects, so there is nothing to flatten; remove the line

        source: { detail: lean }
        outputs:
          - table: action_logs
        => 6:12: error: rows with detail: lean have no action logs; set source.detail: full, or remove the output

        outputs:
          - { table: messages, columns: [id, name, geo_location.*] }
        => 5:38: error: messages have no field "name"; write a field of a newer release as {name: …, path: …}
        => 5:44: error: "geo_location.*" cannot be expanded into columns; this works only for metadata.*

        outputs:
          - { table: attachments, columns: [metadata.*] }
        => 5:37: error: "metadata.*" cannot be expanded into columns; attachments have no objects: name their fields

        outputs:
          - table: conversation
        => 5:12: error: outputs.0.table must be one of conversations, messages, feedbacks, action_logs, attachments, but is
           "conversation"; did you mean "conversations"?

        outputs:
          - format: orc
        => 5:13: error: outputs.0.format must be one of ndjson, csv, parquet, but is "orc"

        outputs:
          - format: jsonl
            dialect: warehouse
        => 5:13: error: outputs.0.format must be one of ndjson, csv, parquet, but is "jsonl"

        outputs:
          - dialect: warehouse
        => 5:5: error: dialect applies only to csv, and this output is ndjson; remove the line, or write format: csv

        outputs:
          - compression: bzip2
        => 5:18: error: outputs.0.compression must be gzip, zstd, none, {gzip: 1…9} or {zstd: 1…19}, but is "bzip2"

        outputs:
          - compression: { gzip: 6, zstd: 3 }
        => 5:18: error: outputs.0.compression must be gzip, zstd, none, {gzip: 1…9} or {zstd: 1…19}, but is "gzip and zstd"

        outputs:
          - compression: { zstd: 20 }
        => 5:26: error: outputs.0.compression.zstd must be a whole number from 1 to 19, but is "20"

        outputs:
          - compression: { gzip: 10 }
        => 5:26: error: outputs.0.compression.gzip must be a whole number from 1 to 9, but is "10"

        outputs:
          - compression: { level: 9 }
        => 5:20: error: unknown key "level" in compression; valid keys are gzip, zstd

        outputs:
          - compression: {}
        => 5:18: error: outputs.0.compression.gzip is missing; add gzip: 6

        outputs:
          - path: "{dat}.ndjson"
        => 5:11: error: unknown placeholder "{dat}" in a path; did you mean {date}?

        outputs:
          - path: "{date.ndjson"
        => 5:11: error: "{date.ndjson" has an unbalanced brace; placeholders look like {date}

        outputs:
          - path: "date}.ndjson"
        => 5:11: error: "date}.ndjson" has an unbalanced brace; placeholders look like {date}

        outputs:
          - path: /{date}.ndjson
        => 5:11: error: "/{date}.ndjson" is absolute, but paths are relative to the destination; set the folder in
           destination, and remove the leading slash

        outputs:
          - path: ../{date}.ndjson
        => 5:11: error: "../{date}.ndjson" has a part "." or "..", which is not allowed; write a path such as
           conversations/dt={date}/conversations.ndjson.gz

        outputs:
          - path: a//{date}.ndjson
        => 5:11: error: "a//{date}.ndjson" has an empty part: a trailing slash, or two slashes in a row; write a path such
           as conversations/dt={date}/conversations.ndjson.gz

        outputs:
          - path: a\\{date}
        => 5:11: error: "a\\{date}" has a backslash or a control character; write a path such as
           conversations/dt={date}/conversations.ndjson.gz

        outputs:
          - path: _agentsight/{date}
        => 5:11: error: "_agentsight/{date}" begins with _agentsight, which is reserved for manifests; begin with another
           name

        outputs:
          - path: ""
        => 5:11: error: path is empty; write a path such as conversations/dt={date}/conversations.ndjson.gz

        outputs:
          - path: conversations.ndjson
        => 5:11: error: "conversations.ndjson" is the same file for every day; add {date} to it

        outputs:
          - path: "{month}.ndjson"
        => 5:11: error: "{month}.ndjson" is the same file for every day; add {date} to it

        outputs:
          - {}
          - {}
        => 6:5: error: outputs 1 and 2 would write to the same path; give each output a different path

        outputs:
          - path: a/{date}
          - path: a/{window}
        => 6:11: error: outputs 1 and 2 would write to the same path; give each output a different path

        outputs:
          - path: a/{date}
          - path: a/{date}/b
        => 6:11: error: outputs 1 and 2 would write to the same path; give each output a different path

        outputs:
          - format: csv
            flatten: [metadata, messages]
        => 6:25: error: outputs.0.flatten must be one of metadata, geo_location, but is "messages"

        outputs:
          - columns: []
        => 5:14: error: columns is empty, so nothing would be written; remove the line to export every column

        outputs:
          - columns: [conversaton_id]
        => 5:15: error: conversations have no field "conversaton_id"; did you mean "conversation_id"?

        outputs:
          - columns: [price]
        => 5:15: error: conversations have no field "price"; write a field of a newer release as {name: …, path: …}

        outputs:
          - columns: [metadata__customer_tier]
        => 5:15: error: conversations have no field "metadata__customer_tier"; did you mean "metadata.customer_tier"?

        outputs:
          - columns: [message_count]
        => 5:15: error: rows with detail: full have no field "message_count"; set source.detail: lean

        outputs:
          - columns: [id, {name: id, path: agent}]
        => 5:26: error: "id" has the column name id, and so has "id" at 5:15; give one of them another name:
           {name: …, path: …}

        outputs:
          - columns: [metadata.a__b, metadata.a.b]
        => 5:30: error: "metadata.a.b" has the column name metadata__a__b, and so has "metadata.a__b" at 5:15; give one of
           them another name: {name: …, path: …}

        outputs:
          - columns: [messages.*, "*"]
        => 5:15: error: "messages.*" cannot be expanded into columns; this works only for metadata.* and geo_location.*
        => 5:27: error: "*" is no column, and without columns every field is written; remove columns, and leave fields out
           with exclude: [messages]

        outputs:
          - columns: [metadata..a]
        => 5:15: error: outputs.0.columns.0 must be a field, a dot path or {name, path, type}, but is "metadata..a"

        outputs:
          - columns: [{path: id, typ: integer}]
        => 5:15: error: outputs.0.columns.0.name is missing; add name: tier
        => 5:26: error: unknown key "typ" in a column; did you mean "type"?

        outputs:
          - columns: [{name: a, path: id, type: int}]
        => 5:41: error: outputs.0.columns.0.type must be one of string, integer, number, decimal, boolean, timestamp, json,
           but is "int"
        """
}
