import { describe, expect, test } from '@jest/globals';
import { avroFormat, type ParsedSchema } from '../src/index.ts';

function parse(text: string, isNew = true): ParsedSchema {
  return avroFormat.parse({ text, references: [], resolved: [] }, isNew);
}

function typesOf(messages: readonly string[]): readonly (string | undefined)[] {
  return messages.map((message) => /errorType:'(\w+)'/.exec(message)?.[1]);
}

function record(fields: string): string {
  return `{"type":"record","name":"R","fields":[${fields}]}`;
}

describe('the canonical text', () => {
  test('is what Java writes: order of members, names by their namespace, numbers as they are', () => {
    const text = `{ "fields" : [ {"type": ["null", {"type":"fixed","size":4,"name":"q.F"}], "default": null, "name":"f"},
      {"name":"g", "type":"double", "default": 1.50, "z": 1e10}, {"name":"h", "type": "q.F", "aliases":["i"]} ],
      "doc":"é", "namespace":"n", "name":"R", "type":"record", "aliases":["n.S","o.T"] }`;
    expect(parse(text).text).toBe(
      '{"type":"record","name":"R","namespace":"n","doc":"é","fields":[' +
        '{"name":"f","type":["null",{"type":"fixed","name":"F","namespace":"q","size":4}],"default":null},' +
        '{"name":"g","type":"double","default":1.5,"z":1.0E10},' +
        '{"name":"h","type":"q.F","aliases":["i"]}],"aliases":["S","o.T"]}',
    );
    expect(parse('{"type":"long"}').text).toBe('"long"');
  });

  test('of a normalised schema does not depend on the order of attributes', () => {
    const one = parse(
      record(
        '{"name":"a","type":{"type":"bytes","scale":2,"x":1,"precision":4,"logicalType":"decimal"}}',
      ),
    );
    const other = parse(
      record(
        '{"name":"a","type":{"logicalType":"decimal","type":"bytes","x":1,"precision":4,"scale":2}}',
      ),
    );
    expect(one.text).not.toBe(other.text);
    expect(one.normalized().text).toBe(other.normalized().text);
    expect(one.normalized().text).toContain(
      '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"x":1}',
    );
  });

  test('names what a reference defines', () => {
    const inner = record('{"name":"a","type":"int"}').replace('"R"', '"x.Inner"');
    const references = [{ name: 'x.Inner', subject: 'inner', version: 1 }];
    const source = {
      text: record('{"name":"i","type":"x.Inner"}'),
      references,
      resolved: [{ name: 'x.Inner', text: inner }],
    };
    const outer = avroFormat.parse(source, true);
    expect(outer.text).toBe(record('{"name":"i","type":"x.Inner"}'));
    expect(outer.formatted('resolved')).toContain('"namespace":"x"');
    expect(outer.isEquivalent(parse(record(`{"name":"i","type":${inner}}`)))).toBe(true);
  });
});

test.each([
  ['not JSON', '{"type"'],
  ['an unknown type', '"nothing"'],
  ['an unknown type within an array', '{"type":"array","items":"nothing"}'],
  ['a name with a hyphen', '{"type":"record","name":"a-b","fields":[]}'],
  ['no fields', '{"type":"record","name":"R"}'],
  ['two fields of one name', record('{"name":"a","type":"int"},{"name":"a","type":"int"}')],
  ['a default of another type', record('{"name":"a","type":"int","default":"x"}')],
  ['a default beyond an int', record('{"name":"a","type":"int","default":2147483648}')],
  ['a union in a union', '["null",["int"]]'],
  ['a type twice in a union', '["int","int"]'],
  ['a symbol twice', '{"type":"enum","name":"E","symbols":["A","A"]}'],
  ['a default that is no symbol', '{"type":"enum","name":"E","symbols":["A"],"default":"B"}'],
  ['a fixed without size', '{"type":"fixed","name":"F"}'],
  ['one name for two types', `[${record('')},{"type":"fixed","name":"R","size":1}]`],
  ['text after the end', '"int" "int"'],
  ['arrays in arrays without end', '{"type":"array","items":'.repeat(5000)],
])('a schema with %s is refused', (_what, text) => {
  expect(() => parse(text)).toThrow(/./);
});

test('a schema that was registered once is not refused for its defaults', () => {
  expect(parse(record('{"name":"a","type":"int","default":"x"}'), false).text).toContain('"x"');
});

test('every cut of a schema is refused, and none of them ends otherwise', () => {
  const text = record('{"name":"a","type":["null",{"type":"map","values":"long"}],"default":null}');
  for (let end = 0; end < text.length; end++)
    expect(() => parse(text.slice(0, end))).toThrow(Error);
});

describe('compatibility', () => {
  const check = (reader: string, writer: string): readonly (string | undefined)[] =>
    typesOf(parse(reader).incompatibilities(parse(writer)));

  test.each([
    ['a field that is gone', record(''), record('{"name":"a","type":"int"}'), []],
    [
      'a new field',
      record('{"name":"a","type":"int"}'),
      record(''),
      ['READER_FIELD_MISSING_DEFAULT_VALUE'],
    ],
    ['a new field with a default', record('{"name":"a","type":"int","default":1}'), record(''), []],
    [
      'a new name with an alias',
      record('{"name":"b","type":"int","aliases":["a"]}'),
      record('{"name":"a","type":"int"}'),
      [],
    ],
    ['int to long', '"long"', '"int"', []],
    ['long to int', '"int"', '"long"', ['TYPE_MISMATCH']],
    ['bytes to string', '"string"', '"bytes"', []],
    ['a branch more', '["null","int"]', '"int"', []],
    ['a branch less', '["null"]', '["null","int"]', ['MISSING_UNION_BRANCH']],
    [
      'a symbol less',
      '{"type":"enum","name":"E","symbols":["A"]}',
      '{"type":"enum","name":"E","symbols":["A","B"]}',
      ['MISSING_ENUM_SYMBOLS'],
    ],
    [
      'a symbol less, with a default',
      '{"type":"enum","name":"E","symbols":["A"],"default":"A"}',
      '{"type":"enum","name":"E","symbols":["A","B"]}',
      [],
    ],
    [
      'another size',
      '{"type":"fixed","name":"F","size":1}',
      '{"type":"fixed","name":"F","size":2}',
      ['FIXED_SIZE_MISMATCH'],
    ],
    [
      'another name',
      '{"type":"fixed","name":"F","size":1}',
      '{"type":"fixed","name":"G","size":1}',
      ['NAME_MISMATCH'],
    ],
    [
      'another namespace',
      '{"type":"fixed","name":"a.F","size":1}',
      '{"type":"fixed","name":"F","size":1}',
      [],
    ],
  ])('%s', (_what, reader, writer, expected) => {
    expect(check(reader, writer)).toEqual(expected);
  });

  test('types that contain themselves are compared', () => {
    const list = (type: string): string =>
      record(`{"name":"v","type":"${type}"},{"name":"next","type":["null","R"]}`);
    expect(check(list('long'), list('int'))).toEqual([]);
    expect(check(list('int'), list('long'))).toEqual(['TYPE_MISMATCH']);
  });
});
