import type { KeyValue, KeyValues } from './java-values.ts';

/** `serialVersionUID`s of the classes that keys are made of. */
const VERSIONS: Readonly<Record<string, string>> = {
  '[Ljava.lang.Object;': '90ce589f1073296c',
  '[B': 'acf317f8060854e0',
  'java.lang.Number': '86ac951d0b94e08b',
  'java.lang.Boolean': 'cd207280d59cfaee',
  'java.lang.Byte': '9c4e6084ee50f51c',
  'java.lang.Short': '684d37133460da52',
  'java.lang.Integer': '12e2a0a4f7818738',
  'java.lang.Long': '3b8be490cc8f23df',
  'java.lang.Float': 'daedc9a2db3cf0ec',
  'java.lang.Double': '80b3c24a296bfb04',
  'java.math.BigDecimal': '54c71557f981284f',
  'java.math.BigInteger': '8cfc9f1fa93bfb1d',
  'java.util.UUID': 'bc9903f7986d852f',
};

const NUMBER = 'java.lang.Number';
const FIRST_HANDLE = 0x7e0000;

interface Field {
  readonly type: string;
  readonly name: string;
  readonly className?: string;
}

/** `Object[]` as Java serialises it, in hexadecimal; what Debezium reads from its offsets. Null is Java's null. */
export function writeKeyValues(values: KeyValues | null): string {
  const writer = new JavaWriter();
  if (values === null) writer.bytes([0x70]);
  else writer.array(values);
  return writer.hex();
}

class JavaWriter {
  readonly #parts: Buffer[] = [Buffer.from('aced0005', 'hex')];
  readonly #classes = new Map<string, number>();
  readonly #typeNames = new Map<string, number>();
  #handles = 0;

  hex(): string {
    return Buffer.concat(this.#parts).toString('hex');
  }

  bytes(values: readonly number[]): void {
    this.#parts.push(Buffer.from(values));
  }

  array(values: KeyValues): void {
    this.bytes([0x75]);
    this.#describe('[Ljava.lang.Object;', 2, [], null);
    this.#handles++;
    this.#int(values.length);
    for (const value of values) this.#value(value);
  }

  #value(value: KeyValue | null): void {
    if (value === null) {
      this.bytes([0x70]);
      return;
    }
    const { type, text } = value;
    switch (type) {
      case 'boolean':
        this.#boxed('java.lang.Boolean', 'Z', null);
        this.bytes([text === 'true' ? 1 : 0]);
        return;
      case 'byte':
        this.#boxed('java.lang.Byte', 'B', NUMBER);
        this.bytes([Number(text) & 0xff]);
        return;
      case 'short':
        this.#boxed('java.lang.Short', 'S', NUMBER);
        this.#write(2, (bytes) => bytes.writeInt16BE(Number(text)));
        return;
      case 'int':
        this.#boxed('java.lang.Integer', 'I', NUMBER);
        this.#int(Number(text));
        return;
      case 'long':
        this.#boxed('java.lang.Long', 'J', NUMBER);
        this.#long(BigInt(text));
        return;
      case 'float':
        this.#boxed('java.lang.Float', 'F', NUMBER);
        this.#write(4, (bytes) => bytes.writeFloatBE(Number(text)));
        return;
      case 'double':
        this.#boxed('java.lang.Double', 'D', NUMBER);
        this.#write(8, (bytes) => bytes.writeDoubleBE(Number(text)));
        return;
      case 'decimal':
        this.#decimal(text);
        return;
      case 'integer':
        this.#bigInteger(BigInt(text));
        return;
      case 'uuid':
        this.#uuid(text);
        return;
      case 'bytes':
        this.#byteArray(Buffer.from(text, 'hex'));
        return;
      case 'string':
      case 'other':
        this.#string(text);
    }
  }

  #boxed(className: string, type: string, parent: string | null): void {
    this.bytes([0x73]);
    this.#describe(className, 2, [{ type, name: 'value' }], parent);
    this.#handles++;
  }

  #decimal(text: string): void {
    const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    this.bytes([0x73]);
    this.#describe(
      'java.math.BigDecimal',
      3,
      [
        { type: 'I', name: 'scale' },
        { type: 'L', name: 'intVal', className: 'Ljava/math/BigInteger;' },
      ],
      NUMBER,
    );
    this.#handles++;
    this.#int(fraction.length);
    this.#bigInteger(BigInt(`${sign}${whole}${fraction}`));
    this.bytes([0x78]);
  }

  #bigInteger(value: bigint): void {
    this.bytes([0x73]);
    this.#describe(
      'java.math.BigInteger',
      3,
      [
        ...['bitCount', 'bitLength', 'firstNonzeroByteNum', 'lowestSetBit', 'signum'].map(
          (name) => ({ type: 'I', name }),
        ),
        { type: '[', name: 'magnitude', className: '[B' },
      ],
      NUMBER,
    );
    this.#handles++;
    for (const figure of [-1, -1, -2, -2]) this.#int(figure); // caches that Java fills again
    this.#int(value < 0n ? -1 : value > 0n ? 1 : 0);
    const hex = value === 0n ? '' : (value < 0n ? -value : value).toString(16);
    this.#byteArray(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
    this.bytes([0x78]);
  }

  #uuid(text: string): void {
    const hex = text.replaceAll('-', '');
    this.bytes([0x73]);
    this.#describe(
      'java.util.UUID',
      2,
      [
        { type: 'J', name: 'leastSigBits' },
        { type: 'J', name: 'mostSigBits' },
      ],
      null,
    );
    this.#handles++;
    this.#parts.push(Buffer.from(hex.slice(16), 'hex'), Buffer.from(hex.slice(0, 16), 'hex'));
  }

  #byteArray(value: Buffer): void {
    this.bytes([0x75]);
    this.#describe('[B', 2, [], null);
    this.#handles++;
    this.#int(value.length);
    this.#parts.push(value);
  }

  #string(text: string): void {
    const body = modifiedUtf8(text);
    const isLong = body.length > 0xffff;
    this.bytes([isLong ? 0x7c : 0x74]);
    this.#handles++;
    if (isLong) this.#long(BigInt(body.length));
    else this.#write(2, (bytes) => bytes.writeUInt16BE(body.length));
    this.#parts.push(body);
  }

  #describe(name: string, flags: number, fields: readonly Field[], parent: string | null): void {
    const known = this.#classes.get(name);
    if (known !== undefined) {
      this.#reference(known);
      return;
    }
    this.bytes([0x72]);
    this.#name(name);
    this.#parts.push(Buffer.from(VERSIONS[name] ?? '', 'hex'));
    this.#classes.set(name, this.#handles++);
    this.bytes([flags]);
    this.#write(2, (bytes) => bytes.writeUInt16BE(fields.length));
    for (const field of fields) {
      this.bytes([field.type.charCodeAt(0)]);
      this.#name(field.name);
      if (field.className !== undefined) this.#typeName(field.className);
    }
    this.bytes([0x78]);
    if (parent === null) this.bytes([0x70]);
    else this.#describe(parent, 2, [], null);
  }

  #typeName(name: string): void {
    const known = this.#typeNames.get(name);
    if (known !== undefined) {
      this.#reference(known);
      return;
    }
    this.#typeNames.set(name, this.#handles);
    this.#string(name);
  }

  #reference(handle: number): void {
    this.bytes([0x71]);
    this.#int(FIRST_HANDLE + handle);
  }

  #name(name: string): void {
    this.#write(2, (bytes) => bytes.writeUInt16BE(name.length));
    this.#parts.push(Buffer.from(name, 'latin1'));
  }

  #int(value: number): void {
    this.#write(4, (bytes) => bytes.writeInt32BE(value));
  }

  #long(value: bigint): void {
    this.#write(8, (bytes) => bytes.writeBigInt64BE(value));
  }

  #write(byteCount: number, write: (bytes: Buffer) => void): void {
    const bytes = Buffer.alloc(byteCount);
    write(bytes);
    this.#parts.push(bytes);
  }
}

function modifiedUtf8(text: string): Buffer {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from(bytes);
}
