import type { MillraceError } from '@millrace/foundation';
import { errorFromCode } from '@millrace/kafka-protocol';

/** What every part of an answer says of itself. */
export interface Answered {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

export function errorOf(answer: Answered, doing: string): MillraceError | undefined {
  if (answer.errorCode === 0) return undefined;
  return errorFromCode(answer.errorCode, doing, answer.errorMessage);
}
