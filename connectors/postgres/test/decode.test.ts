import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader } from '../src/decode/frame-reader.ts';
import {
  emptyFields,
  NULL_VALUE,
  UNCHANGED,
  walkCopyRow,
  walkTuple,
  type RowFields,
} from '../src/decode/fields.ts';
import {
  decodeBegin,
  decodeCommit,
  decodeLogicalMessage,
  decodeRelation,
  decodeTruncate,
  MalformedMessage,
} from '../src/decode/pgoutput.ts';
import { decodeServerError } from '../src/decode/server-error.ts';

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);

const RELATION = Buffer.concat([
  Buffer.from('R'),
  int32(16400),
  cstring('public'),
  cstring('žluť'),
  Buffer.from('d'),
  int16(2),
  Buffer.from([1]),
  cstring('id'),
  int32(23),
  int32(-1),
  Buffer.from([0]),
  cstring('v'),
  int32(1700),
  int32(786438),
]);

test('a relation message names its columns', () => {
  expect(decodeRelation(RELATION, 0, RELATION.length)).toEqual({
    oid: 16400,
    schema: 'public',
    table: 'žluť',
    replicaIdentity: 'd',
    columns: [
      { name: 'id', typeOid: 23, typeModifier: -1, isIdentity: true },
      { name: 'v', typeOid: 1700, typeModifier: 786438, isIdentity: false },
    ],
  });
});

const MESSAGES: readonly (readonly [
  string,
  Buffer,
  (bytes: Buffer, start: number, end: number) => unknown,
])[] = [
  ['begin', Buffer.concat([Buffer.from('B'), int64(5n), int64(0n), int32(7)]), decodeBegin],
  ['commit', Buffer.concat([Buffer.from('C\0'), int64(5n), int64(6n), int64(0n)]), decodeCommit],
  ['relation', RELATION, decodeRelation],
  [
    'truncate',
    Buffer.concat([Buffer.from('T'), int32(2), Buffer.from([0]), int32(1), int32(2)]),
    decodeTruncate,
  ],
  [
    'message',
    Buffer.concat([Buffer.from('M\x01'), int64(9n), cstring('p'), int32(3), Buffer.from('abc')]),
    decodeLogicalMessage,
  ],
];

test.each(MESSAGES)(
  'a %s message cut at any byte is refused, and never read past its end',
  (_, message, decode) => {
    decode(message, 0, message.length);
    for (let length = 0; length < message.length; length++)
      expect(() => decode(message, 0, length)).toThrow(MalformedMessage);
  },
);

test('positions and times beyond 32 bits are exact', () => {
  const begin = Buffer.concat([
    Buffer.from('B'),
    int64(0x16_b374_d848n),
    int64(757_382_400_000_001n),
    int32(-1),
  ]);
  expect(decodeBegin(begin, 0, begin.length)).toEqual({
    finalLsn: 0x16_b374_d848,
    commitMicros: 1_704_067_200_000_001,
    xid: 4_294_967_295,
  });
});

function tuple(values: readonly (string | null | undefined)[]): Buffer {
  return Buffer.concat([
    int16(values.length),
    ...values.map((value) => {
      if (value === null) return Buffer.from('n');
      if (value === undefined) return Buffer.from('u');
      const bytes = Buffer.from(value);
      return Buffer.concat([Buffer.from('t'), int32(bytes.length), bytes]);
    }),
  ]);
}

function read(fields: RowFields): (string | null | undefined)[] {
  return Array.from({ length: fields.count }, (_, index) => {
    const start = fields.at[index * 2] ?? NULL_VALUE;
    if (start === NULL_VALUE) return null;
    return start === UNCHANGED
      ? undefined
      : fields.buffer.toString('utf8', start, fields.at[index * 2 + 1]);
  });
}

test('a tuple gives its values back, and one that is cut is refused', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constant(null),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), (values) => {
      const bytes = tuple(values);
      const fields = emptyFields();
      expect(walkTuple(bytes, 0, bytes.length, fields)).toBe(bytes.length);
      expect(read(fields)).toEqual(values);
      for (let length = 0; length < bytes.length; length += 7)
        expect(() => walkTuple(bytes, 0, length, fields)).toThrow(MalformedMessage);
    }),
  );
});

/** As the server writes COPY's text format. */
function copyLine(values: readonly (string | null)[]): string {
  const names: Record<string, string> = {
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
    '\\': '\\',
  };
  return `${values.map((value) => (value === null ? '\\N' : value.replaceAll(/[\b\f\n\r\t\v\\]/g, (match) => `\\${names[match] ?? ''}`))).join('\t')}\n`;
}

test('a COPY row gives its values back', () => {
  const piece = fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\b', '\v', '\f', 'a', 'ü', '😀', '');
  const value = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), (values) => {
      const bytes = Buffer.from(`xx${copyLine(values)}`);
      const fields = emptyFields();
      walkCopyRow(bytes, 2, bytes.length, fields);
      expect(read(fields)).toEqual(values);
    }),
  );
});

test('frames come out whole, however the chunks are cut', () => {
  const frame = fc.tuple(fc.integer({ min: 65, max: 122 }), fc.uint8Array({ maxLength: 50 }));
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, sizes) => {
        const bytes = Buffer.concat(
          frames.map(([type, body]) =>
            Buffer.concat([Buffer.from([type]), int32(body.length + 4), body]),
          ),
        );
        const reader = new FrameReader();
        const found: unknown[] = [];
        let turn = 0;
        for (let position = 0; position < bytes.length;) {
          const size = sizes[turn++ % sizes.length] ?? 1;
          reader.push(bytes.subarray(position, position + size));
          position += size;
          if (size % 3 === 0) continue; // several chunks before one look
          while (reader.next())
            found.push([
              reader.type,
              Uint8Array.from(reader.buffer.subarray(reader.start, reader.end)),
            ]);
        }
        while (reader.next())
          found.push([
            reader.type,
            Uint8Array.from(reader.buffer.subarray(reader.start, reader.end)),
          ]);
        expect(found).toEqual(frames);
        expect(reader.bytes).toBe(0);
      },
    ),
  );
});

test('frames of megabytes are put together where they stand, however they are cut', () => {
  const bodies = [3_000_000, 10, 1_048_576, 1_048_570, 2_500_000].map((length, index) =>
    Buffer.alloc(length, index + 1),
  );
  const bytes = Buffer.concat(
    bodies.flatMap((body) => [Buffer.from('d'), int32(body.length + 4), body]),
  );
  for (const size of [65_536, 1_000_003, 5_000_000, bytes.length]) {
    const reader = new FrameReader();
    const found: Buffer[] = [];
    for (let position = 0; position < bytes.length; position += size) {
      reader.push(bytes.subarray(position, position + size));
      while (reader.next()) found.push(reader.buffer.subarray(reader.start, reader.end));
    }
    expect(found.map((body) => body.length)).toEqual(bodies.map((body) => body.length));
    expect(found.every((body, index) => body.equals(bodies[index] ?? Buffer.alloc(0)))).toBe(true);
    expect(reader.bytes).toBe(0);
  }
});

test('an impossible length is no frame', () => {
  for (const length of [-1, 0, 3]) {
    const reader = new FrameReader();
    reader.push(Buffer.concat([Buffer.from('d'), int32(length)]));
    expect(() => reader.next()).toThrow(RangeError);
  }
});

test('an error of the server keeps its number and message, also when it is cut', () => {
  const bytes = Buffer.concat([
    cstring('VFATAL'),
    cstring('C57P01'),
    cstring('Mgoing down'),
    Buffer.from([0]),
  ]);
  expect(decodeServerError(bytes, 0, bytes.length)).toMatchObject({
    severity: 'FATAL',
    code: '57P01',
    message: 'going down',
  });
  for (let length = 0; length < bytes.length; length++) decodeServerError(bytes, 0, length);
});
