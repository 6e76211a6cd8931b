import type { StoredLetter } from './stored-letter.ts';

/** Which dead letters of a connector are meant; all of its own by default. Names as in the JSON. */
export interface LetterSelection {
  readonly partition?: number | undefined;
  /** The first offset and the last one, both included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Of the kind of error, as `GET /api/connectors/{name}/errors` shows it. */
  readonly fingerprint?: string | undefined;
  readonly stage?: string | undefined;
  /** When the records were set aside or written, in milliseconds: not before, and before. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Several connectors may share a topic; what does not say whose it is, is of whoever asks. */
export function isOf(connector: string, { context }: StoredLetter): boolean {
  return context.connector === undefined || context.connector === connector;
}

export function isSelected(selection: LetterSelection, letter: StoredLetter): boolean {
  const { fingerprint, stage, since = -Infinity, until = Infinity } = selection;
  const { timestampMs } = letter.record;
  return (
    (fingerprint === undefined || letter.fingerprint === fingerprint) &&
    (stage === undefined || letter.context.stage === stage) &&
    timestampMs >= since &&
    timestampMs < until
  );
}
