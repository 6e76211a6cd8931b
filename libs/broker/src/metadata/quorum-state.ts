import { join } from 'node:path';
import { ZERO_UUID } from '@millrace/kafka-protocol';
import { writeFileAtomically, type Disk } from '@millrace/log';
import { damagedMetadata } from '../errors.ts';

/** Kafka's `quorum-state`: whom this node follows or has voted for, so that it never votes twice in an epoch. */
export interface QuorumStateFile {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly votedId: number;
  readonly votedDirectoryId: string;
}

const FILE = 'quorum-state';
const DATA_VERSION = 1;
const NOBODY = -1;

/** Undefined when there is none: then nobody was ever voted for. Throws `broker.metadata_damaged`. */
export async function readQuorumState(
  disk: Disk,
  folder: string,
): Promise<QuorumStateFile | undefined> {
  const path = join(folder, FILE);
  const bytes = await disk.readWhole(path);
  if (bytes === undefined) return undefined;
  try {
    const state: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof state !== 'object' || state === null) throw new Error('expected an object');
    return {
      leaderId: integerOf(state, 'leaderId', NOBODY),
      leaderEpoch: integerOf(state, 'leaderEpoch'),
      votedId: integerOf(state, 'votedId', NOBODY),
      votedDirectoryId:
        'votedDirectoryId' in state && typeof state.votedDirectoryId === 'string'
          ? state.votedDirectoryId
          : ZERO_UUID,
    };
  } catch (error) {
    throw damagedMetadata(path, error);
  }
}

/** Durable once it answers, before anything is done in the new epoch (INV-4). */
export async function writeQuorumState(
  disk: Disk,
  folder: string,
  state: QuorumStateFile,
): Promise<void> {
  const text = JSON.stringify({ ...state, data_version: DATA_VERSION });
  await writeFileAtomically(disk, join(folder, FILE), text);
}

export function leaderState(leaderId: number, leaderEpoch: number): QuorumStateFile {
  return { leaderId, leaderEpoch, votedId: NOBODY, votedDirectoryId: ZERO_UUID };
}

function integerOf(state: object, key: string, fallback?: number): number {
  const value: unknown = Object.entries(state).find(([name]) => name === key)?.[1] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new Error(`expected a number as ${key}`);
  return value;
}
