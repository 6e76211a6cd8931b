import { JsonCursor } from '@millrace/record';

/** A message's bytes up to its payload, and what is known by them. */
interface KnownStart<T> {
  readonly bytes: Buffer;
  readonly known: T;
}

export interface FoundStart<T> {
  readonly known: T;
  readonly payloadFrom: number;
}

/** A topic rarely has more schemas at a time than those of some tables or versions. */
const STARTS_A_TOPIC_MAX = 16;
const COLON = 0x3a;

/**
 * What messages of a topic began with, `{"schema":…,"payload":`, byte for byte: it is the same again and again, and ten
 * times as long as what follows. Bounded in all and for each topic (INV-6).
 */
export class EnvelopeStarts<T> {
  readonly #countMax: number;
  /** By topic; the start seen last comes first. */
  readonly #starts = new Map<string, KnownStart<T>[]>();
  #count = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  find(topic: string, message: Buffer): FoundStart<T> | undefined {
    const starts = this.#starts.get(topic);
    if (starts === undefined) return undefined;
    for (let index = 0; index < starts.length; index++) {
      const start = starts[index];
      if (start === undefined || !isPrefix(start.bytes, message)) continue;
      if (index > 0) {
        starts.splice(index, 1);
        starts.unshift(start);
      }
      return { known: start.known, payloadFrom: start.bytes.byteLength };
    }
    return undefined;
  }

  /** Of a message that is a JSON object of `schema` and `payload`; nothing is kept when the payload comes first. */
  remember(topic: string, text: string, known: T): void {
    const start = startOf(text);
    if (start === undefined) return;
    const bytes = Buffer.from(start);
    const starts = this.#starts.get(topic) ?? [];
    if (starts.some((each) => each.bytes.equals(bytes))) return;
    if (this.#count >= this.#countMax) {
      this.#starts.clear();
      starts.length = 0;
      this.#count = 0;
    }
    starts.unshift({ bytes, known });
    if (starts.length > STARTS_A_TOPIC_MAX) starts.pop();
    else this.#count++;
    this.#starts.set(topic, starts);
  }
}

function isPrefix(start: Buffer, message: Buffer): boolean {
  const length = start.byteLength;
  // Mostly told by the length: where another start ends, there is no colon.
  return (
    message.byteLength > length &&
    message[length - 1] === COLON &&
    start.compare(message, 0, length) === 0
  );
}

function startOf(text: string): string | undefined {
  const cursor = new JsonCursor(false);
  cursor.open(text);
  cursor.expects('{');
  if (cursor.value() !== 'schema') return undefined;
  cursor.expects(':');
  cursor.value();
  cursor.expects(',');
  if (cursor.value() !== 'payload') return undefined;
  cursor.expects(':');
  return text.slice(0, cursor.position);
}
