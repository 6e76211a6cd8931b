import { describe, expect, test } from '@jest/globals';
import { protobufFormat, type ParsedSchema } from '../src/index.ts';

function parse(text: string, resolved: Readonly<Record<string, string>> = {}): ParsedSchema {
  const names = Object.keys(resolved);
  const schema = protobufFormat.parse(
    {
      text,
      references: names.map((name) => ({ name, subject: name, version: 1 })),
      resolved: names.map((name) => ({ name, text: resolved[name] ?? '' })),
    },
    true,
  );
  schema.check();
  return schema;
}

const EVERYTHING = `// a comment
syntax = "proto3"; /* another */
package a.b;
import "google/protobuf/timestamp.proto";
option java_package = "x";
enum Color { option allow_alias = true; RED = 0; CRIMSON = 0 [deprecated = true]; reserved 5, 7 to max; reserved "BLUE"; }
message M {
  reserved 20, 22 to 24;
  option deprecated = true;
  map<string,Inner> map = 3;
  repeated int32 list = 2 [packed = true, json_name="l"];
  optional .google.protobuf.Timestamp at = 1;
  oneof choice { string s = 4; bytes t = 5; }
  message Inner { Color color = 1; }
}
service S { rpc Get (M) returns (stream M.Inner); }
`;

describe('the canonical text', () => {
  test('is put together by kind, as Confluent writes it', () => {
    const { text } = parse(EVERYTHING);
    expect(text).toBe(`syntax = "proto3";
package a.b;

import "google/protobuf/timestamp.proto";

option java_package = "x";

message M {
  reserved 20, 22 to 24;

  option deprecated = true;

  map<string, Inner> map = 3;
  repeated int32 list = 2 [
    packed = true,
    json_name = "l"
  ];
  optional .google.protobuf.Timestamp at = 1;

  oneof choice {
    string s = 4;
    bytes t = 5;
  }

  message Inner {
    Color color = 1;
  }
}
enum Color {
  reserved 5, 7 to max;
  reserved "BLUE";
  option allow_alias = true;
  RED = 0;
  CRIMSON = 0 [deprecated = true];
}

service S {
  rpc Get (M) returns (stream M.Inner);
}
`);
    expect(parse(text).text).toBe(text);
  });

  test('of a normalised schema has full names and fields in order', () => {
    const { text } = parse(EVERYTHING).normalized();
    expect(text).toContain('map<string, .a.b.M.Inner> map = 3;');
    expect(text.indexOf(' at = 1')).toBeLessThan(text.indexOf(' list = 2'));
  });

  test('is the same of a descriptor, which some clients send', () => {
    const schema = parse(EVERYTHING);
    const fromDescriptor = parse(schema.formatted('serialized'));
    const withoutNames = (text: string): string => text.replace(/ \[json_name = "\w+"\]/g, '');
    expect(withoutNames(fromDescriptor.normalized().text)).toBe(
      withoutNames(schema.normalized().text),
    );
  });
});

test.each([
  ['no end', 'message M {'],
  ['a type that nobody has', 'message M { Nobody a = 1; }'],
  ['a tag of 0', 'message M { int32 a = 0; }'],
  ['an unknown syntax', 'syntax = "proto9";'],
  ['an unterminated string', 'import "x;'],
  ['JSON', '{"type":"string"}'],
  ['messages in messages without end', 'message M {'.repeat(5000)],
])('a schema with %s is refused', (_what, text) => {
  expect(() => parse(text)).toThrow(/./);
});

test('what is imported is found by its name', () => {
  const other = 'syntax = "proto3"; package o; message Other { int32 a = 1; }';
  const text = 'syntax = "proto3"; import "other.proto"; message M { o.Other a = 1; }';
  expect(parse(text, { 'other.proto': other }).normalized().text).toContain('.o.Other a = 1;');
  expect(() => parse(text)).toThrow('Could not resolve type: o.Other');
});

describe('compatibility', () => {
  const check = (reader: string, writer: string): readonly (string | undefined)[] =>
    parse(`syntax = "proto3"; ${reader}`)
      .incompatibilities(parse(`syntax = "proto3"; ${writer}`))
      .map((message) => /errorType:"(\w+)"/.exec(message)?.[1]);

  test.each([
    ['a new field', 'message M { int32 a = 1; int32 b = 2; }', 'message M { int32 a = 1; }', []],
    ['a field less', 'message M { }', 'message M { int32 a = 1; }', []],
    ['another name', 'message M { int32 b = 1; }', 'message M { int32 a = 1; }', []],
    ['int32 to int64', 'message M { int64 a = 1; }', 'message M { int32 a = 1; }', []],
    [
      'int32 to string',
      'message M { string a = 1; }',
      'message M { int32 a = 1; }',
      ['FIELD_SCALAR_KIND_CHANGED'],
    ],
    [
      'int32 to a message',
      'message M { M a = 1; }',
      'message M { int32 a = 1; }',
      ['FIELD_KIND_CHANGED'],
    ],
    ['a message less', 'message M { }', 'message M { } message N { }', ['MESSAGE_REMOVED']],
    [
      'another package',
      'package b; message M { }',
      'package a; message M { }',
      ['PACKAGE_CHANGED'],
    ],
    [
      'one into a oneof',
      'message M { oneof o { int32 a = 1; } }',
      'message M { int32 a = 1; }',
      [],
    ],
    [
      'two into a oneof',
      'message M { oneof o { int32 a = 1; int32 b = 2; } }',
      'message M { int32 a = 1; int32 b = 2; }',
      ['MULTIPLE_FIELDS_MOVED_TO_ONEOF'],
    ],
    [
      'one out of a oneof that stays',
      'message M { oneof o { int32 a = 1; } }',
      'message M { oneof o { int32 a = 1; int32 b = 2; } }',
      ['ONEOF_FIELD_REMOVED'],
    ],
    [
      'values of a map',
      'message M { map<string, int32> a = 1; }',
      'message M { map<string, string> a = 1; }',
      ['FIELD_SCALAR_KIND_CHANGED'],
    ],
  ])('%s', (_what, reader, writer, expected) => {
    expect(check(reader, writer)).toEqual(expected);
  });
});
