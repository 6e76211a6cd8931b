import { applyMetadata, EMPTY_IMAGE, recordsOfImage } from './metadata-image.ts';
import type { MetadataImage, MetadataRecord } from './metadata-image.ts';
import type { MetadataLog } from './metadata-log.ts';
import { damagedMetadata } from '../errors.ts';

/** Reads and replaces one small file, atomically and durably (INV-4). */
export interface MetadataFile {
  readonly path: string;
  read(): Promise<Uint8Array | undefined>;
  replace(content: string): Promise<void>;
}

const FORMAT = 'millrace-cluster-metadata';
const VERSION = 1;

/**
 * A quorum of one: every change rewrites one JSON file with the whole image. Fine for thousands of
 * partitions, since topics change seldom; a replicated log would append instead.
 */
export class FileMetadataLog implements MetadataLog {
  readonly #file: MetadataFile;
  #image: MetadataImage;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: MetadataFile, image: MetadataImage) {
    this.#file = file;
    this.#image = image;
  }

  static async open(file: MetadataFile): Promise<FileMetadataLog> {
    const bytes = await file.read();
    const image =
      bytes === undefined ? EMPTY_IMAGE : applyMetadata(EMPTY_IMAGE, parse(bytes, file.path));
    return new FileMetadataLog(file, image);
  }

  get image(): MetadataImage {
    return this.#image;
  }

  change(decide: (image: MetadataImage) => readonly MetadataRecord[]): Promise<MetadataImage> {
    const changed = this.#last.then(() => this.#change(decide));
    // The next change goes on whatever became of this one.
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  async #change(
    decide: (image: MetadataImage) => readonly MetadataRecord[],
  ): Promise<MetadataImage> {
    const records = decide(this.#image);
    if (records.length === 0) return this.#image;
    const next = applyMetadata(this.#image, records);
    // INV-7: visible only once durable.
    await this.#file.replace(format(next));
    this.#image = next;
    return next;
  }
}

function format(image: MetadataImage): string {
  const lines = recordsOfImage(image).map((record) => `    ${JSON.stringify(record)}`);
  return `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "records": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

function parse(bytes: Uint8Array, path: string): readonly MetadataRecord[] {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (!isDocument(document)) throw new Error(`expected ${FORMAT} version ${VERSION}`);
    return document.records;
  } catch (error) {
    throw damagedMetadata(path, error);
  }
}

/** The file is only ever replaced whole by ourselves, so the records themselves are believed. */
function isDocument(value: unknown): value is { readonly records: readonly MetadataRecord[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    'version' in value &&
    value.version === VERSION &&
    'records' in value &&
    Array.isArray(value.records)
  );
}
