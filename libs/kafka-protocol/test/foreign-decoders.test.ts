import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { apiByKey } from '../src/frame.ts';
import { Writer } from '../src/writer.ts';
import { apiDefinitions, messageOf, versionsOf } from './random-messages.ts';

/*
 * Responses of ours, read by the decoders of two npm clients: kafkajs knows the classic versions,
 * @platformatic/kafka the flexible ones. Field names differ, so the leaves are compared in the order
 * of the wire, which is the order in which both build their objects.
 */

type Leaf = string | number | boolean | null;

const requireHere = createRequire(import.meta.url);
const kafkajsRequests = join(dirname(requireHere.resolve('kafkajs')), 'src/protocol/requests');
const platformaticRoot = dirname(requireHere.resolve('@platformatic/kafka'));

/** Where the other client reads otherwise than Kafka writes, or gives no plain result. */
const KAFKAJS_EXCEPTIONS: Readonly<Record<string, string>> = {
  Fetch: 'reads into the batches',
  SaslAuthenticate: 'returns the bytes with their length',
  DeleteRecords: 'has no decoder of its own',
  CreateTopics: 'sorts the topics',
  DeleteTopics: 'sorts the topics',
  CreatePartitions: 'sorts the topics',
  AlterPartitionReassignments: 'reads the header of the answer itself, and no messages',
  ListPartitionReassignments: 'reads the header of the answer itself, and no messages',
};
const PLATFORMATIC_EXCEPTIONS: Readonly<Record<string, string>> = {
  Fetch: 'reads into the batches',
  Produce: 'throws when a record has an error',
  'Metadata 9': 'reads a topic id, which came with version 10',
  'Metadata 10': 'leaves the cluster operations of version 10 unread',
  'OffsetForLeaderEpoch 4': 'reads partition and error the wrong way round',
  'AlterPartitionReassignments 1': 'reads no allowReplicationFactorChange',
  'DescribeClientQuotas 0': 'reads the flexible form, which came with version 1',
  'DescribeConfigs 2': 'reads fields that came with version 3',
  'ListTransactions 2': 'reads an error message, which no version has',
  'ConsumerGroupDescribe 0': 'reads the list of topics subscribed to as one text',
};

// Full lists and no errors, since both clients throw at the first error code.
const FULL = { isFull: true, isUntagged: true, errorCode: 0 };

const DASHED_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every value that isn't a list or object, in order; integers as numbers, bytes as hex. */
function leavesOf(value: unknown): Leaf[] {
  if (value === null || value === undefined) return [null];
  if (typeof value === 'bigint') return [Number(value)];
  if (typeof value === 'number' || typeof value === 'boolean') return [value];
  if (typeof value === 'string') {
    return [
      DASHED_UUID.test(value)
        ? Buffer.from(value.replaceAll('-', ''), 'hex').toString('base64url')
        : value,
    ];
  }
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('hex')];
  if (typeof value === 'object') return Object.values(value).flatMap(leavesOf);
  throw new Error(`a leaf of type ${typeof value}`);
}

/** What of `ours` theirs lacks, in order; they may have more, such as names for numbers. */
function missingFrom<T>(theirs: readonly T[], ours: readonly T[]): T[] {
  let from = 0;
  return ours.filter((leaf) => {
    const found = theirs.indexOf(leaf, from);
    if (found === -1) return true;
    from = found + 1;
    return false;
  });
}

function encoded(key: number, version: number, response: unknown): Buffer {
  const writer = new Writer();
  const api = apiByKey(key);
  if (api === undefined) throw new Error(`api ${key} is not registered`);
  api.encodeResponse(writer, response, version);
  return Buffer.from(writer.finish());
}

/** Every api and version that the other client has a decoder for, with its file. */
function casesOf(
  exceptions: Readonly<Record<string, string>>,
  findFile: (name: string, version: number) => string | undefined,
): { name: string; version: number; path: string; definition: (typeof apiDefinitions)[number] }[] {
  return apiDefinitions.flatMap((definition) =>
    versionsOf(definition).flatMap((version) => {
      const { name } = definition;
      const path = findFile(name, version);
      const isException = name in exceptions || `${name} ${version}` in exceptions;
      return path === undefined || isException ? [] : [{ name, version, path, definition }];
    }),
  );
}

interface KafkajsResponse {
  readonly decode: (raw: Buffer) => Promise<unknown>;
}

const kafkajsCases = casesOf(KAFKAJS_EXCEPTIONS, (name, version) => {
  const path = join(
    kafkajsRequests,
    name.charAt(0).toLowerCase() + name.slice(1),
    `v${version}`,
    'response.js',
  );
  return existsSync(path) ? path : undefined;
});

test.each(kafkajsCases)(
  'kafkajs reads our $name response $version',
  async ({ version, path, definition }) => {
    const foreign = requireHere(path) as KafkajsResponse;
    await fc.assert(
      fc.asyncProperty(messageOf(definition.response, version, FULL), async (response) => {
        // kafkajs gives 64-bit integers as text, and puts the throttle time last.
        const theirs = leavesOf(
          await foreign.decode(encoded(definition.key, version, response)),
        ).map(String);
        expect(
          missingFrom(theirs, leavesOf({ ...response, throttleTimeMs: [] }).map(String)),
        ).toEqual([]);
      }),
      { numRuns: 5 },
    );
  },
);

interface PlatformaticProtocol {
  readonly Reader: { readonly from: (bytes: Buffer) => object };
}
interface PlatformaticApi {
  readonly parseResponse: (
    correlationId: number,
    key: number,
    version: number,
    reader: object,
  ) => unknown;
}

const platformaticFiles = ['admin', 'consumer', 'metadata', 'producer', 'security'].flatMap(
  (folder) =>
    readdirSync(join(platformaticRoot, 'apis', folder)).map((file) =>
      join(platformaticRoot, 'apis', folder, file),
    ),
);

const platformaticCases = casesOf(PLATFORMATIC_EXCEPTIONS, (name, version) => {
  const kebab = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return platformaticFiles.find((file) => file.endsWith(`/${kebab}-v${version}.js`));
});

test.each(platformaticCases)(
  '@platformatic/kafka reads our $name response $version',
  async ({ version, path, definition }) => {
    const readerUrl = pathToFileURL(join(platformaticRoot, 'protocol/reader.js')).href;
    const { Reader } = (await import(readerUrl)) as PlatformaticProtocol;
    const foreign = (await import(pathToFileURL(path).href)) as PlatformaticApi;
    fc.assert(
      fc.property(messageOf(definition.response, version, FULL), (response) => {
        const reader = Reader.from(encoded(definition.key, version, response));
        const theirs = leavesOf(foreign.parseResponse(1, definition.key, version, reader));
        expect(missingFrom(theirs, leavesOf(response))).toEqual([]);
      }),
      { numRuns: 5 },
    );
  },
);

test('both clients are asked about most of what they know', () => {
  expect(kafkajsCases.length).toBeGreaterThan(65);
  expect(platformaticCases.length).toBeGreaterThan(40);
});
