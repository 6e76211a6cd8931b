import { schemas } from '@millrace/record';
import { codec, type CodecMaker } from './codec.ts';

/** Bytes and bits. */

export const byteaCodec: CodecMaker = ({ settings }) => {
  const { binaryMode, placeholderBytes } = settings;
  const raw = (text: string): Buffer => Buffer.from(text.slice(2), 'hex'); // after `\x`
  if (binaryMode === 'bytes')
    return codec(schemas.bytes(), raw, Buffer.alloc(0), { placeholder: placeholderBytes });
  const encoding = binaryMode === 'hex' ? 'hex' : binaryMode === 'base64' ? 'base64' : 'base64url';
  const encode = (bytes: Buffer): string => {
    const text = bytes.toString(encoding);
    // Java's URL-safe encoder pads.
    return encoding === 'base64url' ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  };
  return codec(schemas.string(), (text) => encode(raw(text)), '', {
    placeholder: encode(placeholderBytes),
  });
};

/** Types without a mapping, with `include.unknown.datatypes`: the bytes of their text. */
export const unknownCodec: CodecMaker = (context) => {
  const bytes = byteaCodec(context);
  return { ...bytes, decode: (text) => bytes.decode(`\\x${Buffer.from(text).toString('hex')}`) };
};

export const bitsCodec: CodecMaker = ({ modifier }) => {
  if (modifier === 1) return codec(schemas.boolean(), (text) => text === '1', false);
  const length = modifier > 0 ? modifier : 2_147_483_647;
  return codec(
    schemas.bytes({
      name: 'io.debezium.data.Bits',
      version: 1,
      parameters: { length: String(length) },
    }),
    littleEndianBits,
    Buffer.alloc(0),
  );
};

/** The last bit of the text is bit 0 of byte 0; zero bytes at the end are left out. */
function littleEndianBits(text: string): Buffer {
  const first = text.indexOf('1');
  if (first < 0) return Buffer.alloc(0);
  const bitCount = text.length - first;
  const bytes = Buffer.alloc(Math.ceil(bitCount / 8));
  for (let bit = 0; bit < bitCount; bit++) {
    if (text[text.length - 1 - bit] === '1')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bytes;
}
