import type { ConsumedRecord } from '@millrace/kafka-client';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface ShownBytes {
  /** Text, when the bytes are UTF-8. */
  readonly text: string | null;
  readonly base64?: string;
}

/** Bytes as text where they are text; otherwise in base64, so that nothing is lost or invented. */
export function showBytes(bytes: Uint8Array | null): ShownBytes {
  if (bytes === null) return { text: null };
  try {
    const text = utf8.decode(bytes);
    // Control characters, beside white space, would steer the terminal, and are a sign of binary data.
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) return { text };
  } catch {
    // Not UTF-8.
  }
  return { text: null, base64: Buffer.from(bytes).toString('base64') };
}

export function lineOf({ text, base64 }: ShownBytes): string {
  if (base64 !== undefined) return `base64:${base64}`;
  return text ?? 'null';
}

/** One record for `--json`: a JSON value as itself, other text as text. */
export function recordJson(record: ConsumedRecord): Readonly<Record<string, unknown>> {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: timeOf(record),
    key: valueJson(record.key),
    value: valueJson(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: valueJson(value) })),
  };
}

export function timeOf({ timestampMs }: ConsumedRecord): string | null {
  return timestampMs < 0 ? null : new Date(timestampMs).toISOString();
}

function valueJson(bytes: Uint8Array | null): unknown {
  const { text, base64 } = showBytes(bytes);
  return base64 === undefined ? text : { base64 };
}
