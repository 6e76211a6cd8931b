import { createHash } from 'node:crypto';

/** As the servers make it. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** One text for each floating point number, however many digits a server prints. */
export function canonicalNumber(text: string): string {
  const number = Number(text);
  return Object.is(number, -0) ? '0' : String(number);
}

/**
 * JSON with sorted members, without spaces, numbers as digits and exponent: databases keep neither order nor notation.
 * The digest of it, since it may be long.
 */
export function canonicalJson(text: string): string {
  return digestOf(normalise(text));
}

function normalise(text: string): string {
  const reader = new JsonReader(text);
  return reader.value();
}

/** Numbers keep all their digits, which `JSON.parse` would round. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): string {
    this.#skip();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #object(): string {
    const members = new Map<string, string>();
    this.#items('}', () => {
      this.#skip();
      const name = this.#string();
      this.#skip();
      this.#at += 1; // the colon
      members.set(name, this.value());
    });
    const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${sorted.map(([name, value]) => `${name}:${value}`).join(',')}}`;
  }

  #array(): string {
    const items: string[] = [];
    this.#items(']', () => items.push(this.value()));
    return `[${items.join(',')}]`;
  }

  #items(end: string, item: () => void): void {
    this.#at += 1;
    for (;;) {
      this.#skip();
      const next = this.#text[this.#at];
      if (next === end || next === undefined) {
        this.#at += 1;
        return;
      }
      if (next === ',') this.#at += 1;
      else item();
    }
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at += 1;
    const raw = this.#text.slice(start, this.#at);
    return raw.includes('\\') ? JSON.stringify(JSON.parse(raw)) : raw;
  }

  #word(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !/[\s,\]}]/.test(this.#text[this.#at] ?? ''))
      this.#at += 1;
    // Never stuck, whatever the text is.
    if (this.#at === start) this.#at += 1;
    const word = this.#text.slice(start, this.#at);
    return /^-?\d/.test(word) ? decimalForm(word) : word;
  }
}

/** `1.50e2` and `150` are `15e1`. */
function decimalForm(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
