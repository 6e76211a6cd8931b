/** The fields of an ErrorResponse that we use, named as `pg` names them. */
export interface ServerErrorFields {
  readonly severity: string;
  /** SQLSTATE */
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  readonly hint: string;
}

/** Reads an ErrorResponse between `start` and `end`; missing fields are empty. */
export function decodeServerError(buffer: Buffer, start: number, end: number): ServerErrorFields {
  const fields = new Map<string, string>();
  let position = start;
  while (position < end && buffer[position] !== 0) {
    const key = String.fromCharCode(buffer[position] ?? 0);
    const found = buffer.indexOf(0, position + 1);
    const stop = found < 0 || found > end ? end : found;
    fields.set(key, buffer.toString('utf8', position + 1, stop));
    position = stop + 1;
  }
  return {
    severity: fields.get('V') ?? fields.get('S') ?? '',
    code: fields.get('C') ?? '',
    message: fields.get('M') ?? '',
    detail: fields.get('D') ?? '',
    hint: fields.get('H') ?? '',
  };
}
