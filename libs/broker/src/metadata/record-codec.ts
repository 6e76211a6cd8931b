import { messages, Reader, Writer, type Message } from '@millrace/kafka-protocol';
import { damagedRecord } from '../errors.ts';
import type { MetadataKind, MetadataRecord } from './metadata-records.ts';

/** Before each record: that of KIP-631. */
const FRAME_VERSION = 1;

/** How a kind is told on the wire: Kafka's key, its message, and the version that we write. */
interface Form {
  readonly key: number;
  readonly message: Message<unknown, never>;
  readonly version: number;
}

/** With metadata.version 4.1 and eligible leader replicas. */
const FORMS: Readonly<Record<MetadataKind, Form>> = {
  'register-broker': { key: 0, message: messages.registerBrokerRecord, version: 3 },
  'unregister-broker': { key: 1, message: messages.unregisterBrokerRecord, version: 0 },
  topic: { key: 2, message: messages.topicRecord, version: 0 },
  partition: { key: 3, message: messages.partitionRecord, version: 2 },
  config: { key: 4, message: messages.configRecord, version: 0 },
  'partition-change': { key: 5, message: messages.partitionChangeRecord, version: 2 },
  'fence-broker': { key: 7, message: messages.fenceBrokerRecord, version: 0 },
  'unfence-broker': { key: 8, message: messages.unfenceBrokerRecord, version: 0 },
  'remove-topic': { key: 9, message: messages.removeTopicRecord, version: 0 },
  'user-scram-credential': { key: 11, message: messages.userScramCredentialRecord, version: 0 },
  'feature-level': { key: 12, message: messages.featureLevelRecord, version: 0 },
  'client-quota': { key: 14, message: messages.clientQuotaRecord, version: 0 },
  'producer-ids': { key: 15, message: messages.producerIdsRecord, version: 0 },
  'broker-registration-change': {
    key: 17,
    message: messages.brokerRegistrationChangeRecord,
    version: 2,
  },
  'access-control-entry': { key: 18, message: messages.accessControlEntryRecord, version: 0 },
  'access-control-entry-removed': {
    key: 19,
    message: messages.removeAccessControlEntryRecord,
    version: 0,
  },
  'no-op': { key: 20, message: messages.noOpRecord, version: 0 },
  'user-scram-credential-removed': {
    key: 22,
    message: messages.removeUserScramCredentialRecord,
    version: 0,
  },
  'begin-transaction': { key: 23, message: messages.beginTransactionRecord, version: 0 },
  'end-transaction': { key: 24, message: messages.endTransactionRecord, version: 0 },
  'abort-transaction': { key: 25, message: messages.abortTransactionRecord, version: 0 },
  'register-controller': { key: 27, message: messages.registerControllerRecord, version: 0 },
};

const KINDS = new Map(Object.entries(FORMS).map(([kind, form]) => [form.key, { kind, form }]));

/**
 * Delegation tokens and the migration from ZooKeeper, which are not served, and the forgetting of eligible leaders,
 * of which a single replica has none: nothing is lost by passing over them.
 */
const PASSED_OVER: ReadonlySet<number> = new Set([10, 21, 26, 28]);

export function encodeMetadataRecord(record: MetadataRecord): Uint8Array {
  const { key, message, version } = FORMS[record.kind];
  const writer = new Writer();
  writer.unsignedVarint(FRAME_VERSION);
  writer.unsignedVarint(key);
  writer.unsignedVarint(version);
  // The table gives the message of this very kind.
  message.encode(writer, withBytes(record) as never, version);
  return writer.finish();
}

/** Undefined for a record of something that is not served. Throws `broker.metadata_damaged`. */
export function decodeMetadataRecord(bytes: Uint8Array): MetadataRecord | undefined {
  const reader = new Reader(bytes);
  const frameVersion = reader.unsignedVarint();
  const key = reader.unsignedVarint();
  const version = reader.unsignedVarint();
  if (frameVersion !== FRAME_VERSION) throw damagedRecord(`frame version ${frameVersion}`);
  if (PASSED_OVER.has(key)) return undefined;
  const known = KINDS.get(key);
  if (known === undefined) throw damagedRecord(`record type ${key}`);
  const { kind, form } = known;
  if (version < form.message.minVersion || version > form.message.maxVersion)
    throw damagedRecord(`version ${version} of ${form.message.name}`);
  const value = form.message.decode(reader, version);
  // As above; a decoded message is an object of its own fields.
  return { kind, ...withTexts(value as object) } as MetadataRecord;
}

/** Keys of a credential are bytes in Kafka's record and base64 in ours. */
function withBytes(record: MetadataRecord): object {
  if (record.kind !== 'user-scram-credential') return record;
  const { salt, storedKey, serverKey } = record;
  return {
    ...record,
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
  };
}

function withTexts(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      field instanceof Uint8Array ? Buffer.from(field).toString('base64') : field,
    ]),
  );
}
