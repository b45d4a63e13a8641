// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import CYAML

/// Reads one YAML document by libyaml: mappings, lists and texts.
///
/// Anchors, aliases and tags are refused, so that a document is as large as it looks and says what it seems to say; so are
/// keys that are there twice, and nesting beyond what a configuration has.
struct YAMLParser: ~Copyable {
    private var parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Returns: `nil` for a document without anything in it.
    static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
        let parser = YAMLParser()
        let result: Result<YAMLNode?, YAMLError> = bytes.withUnsafeBufferPointer { buffer in
            // The parser reads from there until it is through.
            yaml_parser_set_input_string(parser.parser, buffer.baseAddress, buffer.count)
            do throws(YAMLError) {
                return .success(try parser.document())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init() {
        self.parser = .allocate(capacity: 1)
        self.parser.initialize(to: yaml_parser_t())
        // Fails for want of memory only, and leaves a parser whose every call fails.
        _ = yaml_parser_initialize(self.parser)
        yaml_parser_set_encoding(self.parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(self.parser)
        self.parser.deallocate()
    }

    private static let deepest = 8

    // MARK: Documents

    private func document() throws(YAMLError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try self.next()
            switch event.kind {
            case .streamStart, .documentEnd: continue
            case .streamEnd: return root
            case .documentStart:
                guard root == nil else { throw event.error("a second document", "leave out what follows the ---") }
                root = try self.node(try self.next(), depth: 0)
            case .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd, .alias:
                throw event.error("not a document", "write key: value lines")
            }
        }
    }

    private func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= Self.deepest else { throw event.error("nested too deeply", "a configuration has two levels") }
        switch event.kind {
        case .scalar(let text):
            return .scalar(text, line: event.line)
        case .sequenceStart:
            var nodes: [YAMLNode] = []
            while true {
                let next = try self.next()
                if next.kind == .sequenceEnd { return .sequence(nodes, line: event.line) }
                nodes.append(try self.node(next, depth: depth + 1))
            }
        case .mappingStart:
            var entries: [YAMLNode.Entry] = []
            var keys: Set<String> = []
            while true {
                let next = try self.next()
                if next.kind == .mappingEnd { return .mapping(entries, line: event.line) }
                guard case .scalar(let key) = next.kind else {
                    throw next.error("a key that is no text", "write key: value lines")
                }
                guard keys.insert(key).inserted else {
                    throw next.error("\(key): the key is there twice", "leave one of them out")
                }
                let value = try self.node(try self.next(), depth: depth + 1)
                entries.append(YAMLNode.Entry(key: key, line: next.line, value: value))
            }
        case .alias:
            throw event.error("an alias (*)", "write the value out, in quotes if it begins with *")
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw event.error("the document ends too early", "check the lines before")
        }
    }

    // MARK: Events

    private struct Event {
        enum Kind: Equatable {
            case streamStart, streamEnd, documentStart, documentEnd
            case scalar(String)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
            case alias
        }
        let kind: Kind
        let line: Int

        func error(_ problem: String, _ expected: String) -> YAMLError {
            YAMLError(line: self.line, problem: problem, expected: expected)
        }
    }

    private func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(self.parser, &event) == 1 else { throw self.failure() }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, line: line)
        case YAML_STREAM_END_EVENT: return Event(kind: .streamEnd, line: line)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, line: line)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, line: line)
        case YAML_ALIAS_EVENT: return Event(kind: .alias, line: line)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, line: line)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, line: line)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try Self.refuse(anchor: scalar.anchor, tag: scalar.tag, line: line)
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return Event(kind: .scalar(String(decoding: text, as: UTF8.self)), line: line)
        case YAML_SEQUENCE_START_EVENT:
            try Self.refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, line: line)
            return Event(kind: .sequenceStart, line: line)
        case YAML_MAPPING_START_EVENT:
            try Self.refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, line: line)
            return Event(kind: .mappingStart, line: line)
        // The parser gives YAML_NO_EVENT behind the end of the stream; nobody asks then.
        default: throw YAMLError(line: line, problem: "the document ends too early", expected: "check its last lines")
        }
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?,
        tag: UnsafeMutablePointer<yaml_char_t>?,
        line: Int
    ) throws(YAMLError) {
        if anchor != nil {
            throw YAMLError(line: line, problem: "an anchor (&)", expected: "leave it out, or quote the value")
        }
        if tag != nil {
            throw YAMLError(line: line, problem: "a tag (!)", expected: "leave it out, or quote the value")
        }
    }

    private func failure() -> YAMLError {
        let parser = self.parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "it can't be read"
        // Errors of the encoding name a byte, not a line.
        let mark = parser.error == YAML_READER_ERROR ? parser.mark : parser.problem_mark
        return YAMLError(
            line: Int(mark.line) + 1,
            problem: "not YAML: \(problem)",
            expected: "check indents and quotes"
        )
    }
}
