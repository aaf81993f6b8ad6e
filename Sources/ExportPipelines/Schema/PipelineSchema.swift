import ExportCore
import Foundation

/// The JSON Schema of a pipeline file, for editors. It is generated from the reader's own tables of sections, keys, words and ranges.
///
/// It cannot express everything that the reader refuses, such as conflicting settings, unknown time zones and empty spans.
public enum PipelineSchema {
    /// The text of the schema (JSON Schema, draft 2020-12), always the same.
    /// - Throws: Errors of encoding.
    public static func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(schema), as: UTF8.self) + "\n"
    }

    static var schema: SchemaValue {
        section(.top).adding([
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A pipeline of agentsight-export",
            "required": ["version", "destination"],
            "$defs": ["reference": reference, "moment": moment, "duration": duration, "hosts": hosts],
        ])
    }

    /// A map with only the keys of a section.
    static func section(_ section: SectionName) -> SchemaValue {
        let properties = section.keys.map { ($0, property($0, in: section)) }
        return ["type": "object", "additionalProperties": false, "properties": .map(Dictionary(uniqueKeysWithValues: properties))]
    }

    private static func property(_ key: String, in section: SectionName) -> SchemaValue {
        let (description, form) = setting(key, in: section)
        return form.adding(["description": .text(description)])
    }

    // MARK: Forms

    /// A text, which may contain environment variables.
    private static let reference: SchemaValue = ["type": "string", "pattern": "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}"]

    static let momentPattern =
        #"^(\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?|now(-\d+[smhdw])?|"#
        + #"(today|yesterday|tomorrow)(-\d+[dw])?|-\d+[hdw])$"#

    private static let moment: SchemaValue = [
        "anyOf": [["type": "string", "pattern": .text(momentPattern)], ["$ref": "#/$defs/reference"]],
        "examples": ["2024-01-01", "2024-01-01T08:00", "today", "-30d", "now-2h"],
    ]

    private static let duration: SchemaValue = [
        "anyOf": [["type": "string", "pattern": "^(0|\\d+[smhdw])$"], ["const": 0], ["$ref": "#/$defs/reference"]],
        "examples": ["90s", "20m", "2h", "1d"],
    ]

    private static let hosts: SchemaValue = ["type": "array", "items": ["type": "string"]]

    private static let scalar: SchemaValue = ["type": ["string", "number", "boolean"]]

    static func choice(_ words: [String]) -> SchemaValue {
        ["anyOf": [["enum": .list(words.map(SchemaValue.text))], ["$ref": "#/$defs/reference"]]]
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type) -> SchemaValue {
        choice(type.allCases.map(\.rawValue))
    }

    static func flag() -> SchemaValue {
        [
            "anyOf": [
                ["type": "boolean"], ["type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"],
                ["$ref": "#/$defs/reference"],
            ]
        ]
    }

    static func wholeNumber(_ key: String) -> SchemaValue {
        let range = SectionName.ranges[key, default: 0...0]
        return [
            "anyOf": [
                ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)],
                ["$ref": "#/$defs/reference"],
            ]
        ]
    }

    static func pattern(_ pattern: String, _ examples: String...) -> SchemaValue {
        [
            "anyOf": [["type": "string", "pattern": .text(pattern)], ["$ref": "#/$defs/reference"]],
            "examples": .list(examples.map(SchemaValue.text)),
        ]
    }

    static func defined(_ name: String) -> SchemaValue { ["$ref": .text("#/$defs/\(name)")] }

    static func text(_ examples: String...) -> SchemaValue {
        scalar.adding(examples.isEmpty ? [:] : ["examples": .list(examples.map(SchemaValue.text))])
    }
}
