import type { Predicate, Transform } from '@millrace/connector-api';
import type { ConnectRecord, Header } from '@millrace/record';
import { RecordDraft } from './record-draft.ts';

/** Changes a draft; false drops the record. */
export type Change = (draft: RecordDraft) => boolean;

/** A transform that several of can work on one draft, see `RecordDraft`. */
export class DraftTransform implements Transform {
  readonly change: Change;

  constructor(change: Change) {
    this.change = change;
  }

  apply<R extends ConnectRecord>(record: R): R | null {
    const draft = new RecordDraft(record);
    return this.change(draft) ? draft.toRecord() : null;
  }
}

/** What can be told of a record and of a draft without making a record of it. */
export interface Outline {
  readonly topic: string;
  readonly headers: readonly Header[];
  readonly isTombstone: boolean;
}

/** A predicate that can be asked about a draft. */
export class DraftPredicate implements Predicate {
  readonly matches: (outline: Outline) => boolean;

  constructor(matches: (outline: Outline) => boolean) {
    this.matches = matches;
  }

  test({ topic, headers, value }: ConnectRecord): boolean {
    return this.matches({ topic, headers, isTombstone: value === null || value === undefined });
  }
}
