import type { ProducerRecord } from '@millrace/kafka-client';
import type { DeadLetter, FailedOperation } from '../errors/failed-operation.ts';
import type { StoredLetter } from './stored-letter.ts';

/** A record that would be delivered; names as in the JSON. */
export interface Preview {
  readonly topic: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** What became of a letter. */
export type LetterOutcome =
  | {
      readonly kind: 'delivered';
      /** Of a source: goes to the log in the transaction of the batch. */
      readonly produced?: readonly ProducerRecord[];
      /** What the transforms made of it, for a dry run. */
      readonly previews?: readonly Preview[];
    }
  /** By a transform. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly failed: FailedOperation };

/** Where letters go to, by way of the current transforms. */
export interface ReplayTarget {
  /**
   * In order, one outcome for each letter. What a sink has delivered is durable there.
   * @throws what ends the replay: the letters are not done
   */
  deliver(letters: readonly StoredLetter[], signal: AbortSignal): Promise<readonly LetterOutcome[]>;
  close(): void;
}

/** The letter as it goes back to the dead letters. */
export function againFailed(letter: StoredLetter): DeadLetter {
  const { record, context, headers, format, attempts } = letter;
  return {
    key: record.key,
    value: record.value,
    headers,
    timestampMs: record.timestampMs,
    topic: context.topic ?? '',
    partition: context.partition ?? '',
    offset: context.offset ?? '',
    ...(format === undefined ? {} : { format }),
    attempts: attempts + 1,
  };
}
