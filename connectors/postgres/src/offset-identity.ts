import type { SourceOffset } from '@millrace/record';

/** Which cluster we talk to: positions of another one, or of another timeline of it, mean something else. */
export interface ServerIdentity {
  readonly systemId: string;
  /** Counts fail-overs; null on a standby. */
  readonly timeline: number | null;
}

/** Key of our own in the offsets; Debezium passes over it. */
const OFFSET_KEY = 'millrace_server';

export function identityOffset(identity: ServerIdentity | null): SourceOffset {
  return identity === null
    ? {}
    : { [OFFSET_KEY]: `${identity.systemId}/${identity.timeline ?? 0}` };
}

/** Null: an offset of Debezium, or of a snapshot. */
export function identityOf(offset: SourceOffset | undefined): ServerIdentity | null {
  const text = offset?.[OFFSET_KEY];
  if (typeof text !== 'string') return null;
  const [systemId = '', timeline = '0'] = text.split('/');
  return { systemId, timeline: timeline === '0' ? null : Number(timeline) };
}
