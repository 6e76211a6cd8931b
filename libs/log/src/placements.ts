import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { writeFileAtomically } from './files.ts';

const FILE = 'millrace-placements';

export interface Placement {
  readonly topicId: string;
  readonly directoryId: string;
}

/**
 * Which log lives in which data folder, kept in each of several folders: when one of them can't be read at a start,
 * its partitions are known to be there, and are not begun anew in another. Lines are only added; a start writes the
 * file anew. With one folder there is none.
 */
export class Placements {
  readonly #disk: Disk;
  readonly #byName = new Map<string, Placement>();
  /** Bytes of the file in each folder. */
  readonly #sizes = new Map<string, number>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  find(name: string): Placement | undefined {
    return this.#byName.get(name);
  }

  set(name: string, placement: Placement): void {
    this.#byName.set(name, placement);
  }

  async read(folder: string): Promise<void> {
    const bytes = await this.#disk.readWhole(join(folder, FILE));
    if (bytes === undefined) return;
    const lines = Buffer.from(bytes).toString().split('\n');
    lines.pop(); // what follows the last line end was torn
    for (const line of lines) {
      const [name, topicId, directoryId, ...rest] = line.split(' ');
      if (name === undefined || topicId === undefined || directoryId === undefined) continue;
      if (rest.length === 0) this.#byName.set(name, { topicId, directoryId });
    }
  }

  async write(
    folder: string,
    isWanted: (name: string, placement: Placement) => boolean,
  ): Promise<void> {
    const lines: string[] = [];
    for (const [name, placement] of this.#byName) {
      if (isWanted(name, placement)) lines.push(lineOf(name, placement));
    }
    const text = lines.join('');
    await writeFileAtomically(this.#disk, join(folder, FILE), text);
    this.#sizes.set(folder, Buffer.byteLength(text));
  }

  /** INV-4: durable before anything in the new log is acknowledged. */
  async add(folder: string, name: string, placement: Placement): Promise<void> {
    const line = Buffer.from(lineOf(name, placement));
    const at = this.#sizes.get(folder) ?? 0;
    this.#sizes.set(folder, at + line.byteLength);
    const file = await this.#disk.open(join(folder, FILE), 'create');
    try {
      await file.write(at, [line]);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function lineOf(name: string, { topicId, directoryId }: Placement): string {
  return `${name} ${topicId} ${directoryId}\n`;
}
