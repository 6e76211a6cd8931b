import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MillraceError } from '@millrace/foundation';

import { apiByKey, decodeRequestHeader, encodeRequestFrame } from '../src/frame.ts';
import { apis } from '../src/generated/registry.ts';
import { Reader } from '../src/reader.ts';
import { Writer } from '../src/writer.ts';
import { apiDefinitions, messageOf, versionsOf } from './random-messages.ts';

type Decode = (bytes: Uint8Array) => unknown;

const SMALL = { isFull: true, isSmall: true };

/** A message of every api, version and direction, always the same. */
const samples = apiDefinitions.flatMap((definition) => {
  const api = apiByKey(definition.key);
  if (api === undefined) throw new Error(`api ${definition.key} is not registered`);
  return versionsOf(definition).flatMap(
    (version): { name: string; bytes: Uint8Array; decode: Decode }[] => {
      const sampleOf = { numRuns: 1, seed: 7 };
      const [request] = fc.sample(messageOf(definition.request, version, SMALL), sampleOf);
      const [response] = fc.sample(messageOf(definition.response, version, SMALL), sampleOf);
      const requestWriter = new Writer();
      api.encodeRequest(requestWriter, request, version);
      const responseWriter = new Writer();
      api.encodeResponse(responseWriter, response, version);
      return [
        {
          name: `${definition.name} request ${version}`,
          bytes: requestWriter.finish(),
          decode: (bytes) => api.decodeRequest(new Reader(bytes), version),
        },
        {
          name: `${definition.name} response ${version}`,
          bytes: responseWriter.finish(),
          decode: (bytes) => api.decodeResponse(new Reader(bytes), version),
        },
      ];
    },
  );
});

/** Undefined when it decodes, the code of the error otherwise. */
function outcome(decode: Decode, bytes: Uint8Array): string | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    return error instanceof MillraceError ? error.code : `not a MillraceError: ${String(error)}`;
  }
}

test('a message cut at any byte is malformed', () => {
  const wrong: string[] = [];
  for (const { name, bytes, decode } of samples) {
    for (let length = 0; length < bytes.byteLength; length += 1) {
      const code = outcome(decode, bytes.subarray(0, length));
      if (code !== 'protocol.malformed_message')
        wrong.push(`${name} cut to ${length}: ${String(code)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('a flipped bit decodes to something else or is malformed, and nothing worse', () => {
  const wrong: string[] = [];
  for (const { name, bytes, decode } of samples) {
    const damaged = Uint8Array.from(bytes);
    for (let at = 0; at < bytes.byteLength; at += 1) {
      const whole = damaged[at] ?? 0;
      for (const bit of [0, 3, 7]) {
        damaged[at] = whole ^ (1 << bit);
        const code = outcome(decode, damaged);
        if (code !== undefined && code !== 'protocol.malformed_message')
          wrong.push(`${name} at ${at}: ${code}`);
      }
      damaged[at] = whole;
    }
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['0', [0, 0, 0, 0]],
  ['-1', [0xff, 0xff, 0xff, 0xff]],
  ['the maximum', [0x7f, 0xff, 0xff, 0xff]],
  ['the minimum', [0x80, 0, 0, 0]],
  ['the largest varint', [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ['an endless varint', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
])('%s in the place of any bytes decodes or is malformed', (_, replacement) => {
  const wrong: string[] = [];
  for (const { name, bytes, decode } of samples) {
    for (let at = 0; at + replacement.length <= bytes.byteLength; at += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged.set(replacement, at);
      const code = outcome(decode, damaged);
      if (code !== undefined && code !== 'protocol.malformed_message')
        wrong.push(`${name} at ${at}: ${code}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('an array that claims more elements than bytes are left is refused before anything is allocated', () => {
  // Metadata 1: a topic list of 2^31 - 1 names.
  expect(() =>
    apis.metadata.decodeRequest(new Reader(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)), 1),
  ).toThrow(/an array of 2147483647 elements in 0 bytes/);
});

test('a null where none may be is malformed', () => {
  // Metadata 0 can't ask for all topics by null.
  expect(
    outcome(
      (bytes) => apis.metadata.decodeRequest(new Reader(bytes), 0),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    ),
  ).toBe('protocol.malformed_message');
});

test('tagged fields that we do not know are skipped, in headers and bodies', () => {
  const frame = encodeRequestFrame(apis.heartbeat, 4, 5, 'me', {
    groupId: 'g',
    generationId: 1,
    memberId: 'm',
  });
  const tags = [2, 7, 3, 1, 2, 3, 200, 1, 0];
  // The header ends with an empty tag buffer after the client id; so does the body.
  const headerTagsAt = 4 + 8 + 4;
  const withTags = Uint8Array.from([
    ...frame.subarray(4, headerTagsAt),
    ...tags,
    ...frame.subarray(headerTagsAt + 1, -1),
    ...tags,
  ]);
  const reader = new Reader(withTags);
  expect(decodeRequestHeader(reader)).toEqual({
    apiKey: 12,
    apiVersion: 4,
    correlationId: 5,
    clientId: 'me',
  });
  expect(apis.heartbeat.decodeRequest(reader, 4)).toMatchObject({ groupId: 'g', memberId: 'm' });
  expect(reader.remaining).toBe(0);
});

test('a known tagged field must be as long as it says', () => {
  const writer = new Writer();
  apis.produce.encodeResponse(
    writer,
    {
      responses: [
        {
          name: 't',
          partitionResponses: [
            {
              index: 0,
              errorCode: 6,
              baseOffset: -1,
              currentLeader: { leaderId: 3, leaderEpoch: 4 },
            },
          ],
        },
      ],
    },
    10,
  );
  const bytes = Uint8Array.from(writer.finish());
  const sizeAt =
    bytes.findIndex(
      (byte, index) => byte === 0 && bytes[index + 1] === 9 && bytes[index - 1] === 1,
    ) + 1;
  bytes[sizeAt] = 8;
  expect(() => apis.produce.decodeResponse(new Reader(bytes), 10)).toThrow(
    /tagged field is not as long/,
  );
});

test('the header of an unknown api is still readable, so that it can be refused', () => {
  const bytes = Uint8Array.from([0x03, 0xe7, 0, 1, 0, 0, 0, 9, 0, 1, 0x61]);
  expect(decodeRequestHeader(new Reader(bytes))).toEqual({
    apiKey: 999,
    apiVersion: 1,
    correlationId: 9,
    clientId: 'a',
  });
});
