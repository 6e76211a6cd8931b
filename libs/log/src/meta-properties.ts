import type { Random } from '@millrace/foundation';
import { join } from 'node:path';
import { parseProperties } from './checkpoint-files.ts';
import type { Disk } from './disk.ts';
import { damagedFile, folderOfAnother } from './errors.ts';
import { writeFileAtomically } from './files.ts';

export const META_FILE = 'meta.properties';

/** Whose a data folder is: Kafka's `meta.properties`, version 1. */
export interface MetaProperties {
  readonly clusterId: string;
  readonly directoryId: string;
}

export interface ExpectedMeta {
  readonly nodeId: number;
  /** Undefined: the one that is found. */
  readonly clusterId: string | undefined;
}

/** Reads what is there, and completes it when the folder is new or of an older Kafka. Throws when it is of another. */
export async function ensureMeta(
  disk: Disk,
  folder: string,
  expected: ExpectedMeta,
  random: Random,
): Promise<MetaProperties> {
  const path = join(folder, META_FILE);
  const bytes = await disk.readWhole(path);
  const found = parseProperties(bytes === undefined ? '' : Buffer.from(bytes).toString());
  const version = found.get('version');
  if (bytes !== undefined && version !== '1' && version !== '0') {
    throw damagedFile(path, `version="${version ?? ''}", expected 0 or 1`);
  }
  const nodeId = found.get('node.id') ?? found.get('broker.id') ?? String(expected.nodeId);
  if (!/^-?\d+$/.test(nodeId)) throw damagedFile(path, `node.id="${nodeId}", expected a number`);
  if (version === '1' && !found.has('cluster.id')) throw damagedFile(path, 'cluster.id is missing');
  const clusterId = found.get('cluster.id') ?? expected.clusterId ?? randomId(random);
  if (expected.clusterId !== undefined && clusterId !== expected.clusterId) {
    throw folderOfAnother(folder, 'cluster.id', clusterId, expected.clusterId);
  }
  if (nodeId !== String(expected.nodeId)) {
    throw folderOfAnother(folder, 'node.id', nodeId, String(expected.nodeId));
  }
  const directoryId = found.get('directory.id') ?? randomId(random);
  if (version !== '1' || !found.has('directory.id')) {
    const lines = [
      `cluster.id=${clusterId}`,
      `directory.id=${directoryId}`,
      `node.id=${nodeId}`,
      'version=1',
    ];
    await writeFileAtomically(disk, path, `${lines.join('\n')}\n`);
  }
  return { clusterId, directoryId };
}

/** Kafka's form of a UUID: 22 characters of base64url, never with a leading dash. */
function randomId(random: Random): string {
  for (;;) {
    const id = Buffer.from(random.nextBytes(16)).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
