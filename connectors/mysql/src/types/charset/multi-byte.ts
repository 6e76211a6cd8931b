import iconv from 'iconv-lite';
import { OVERRIDES } from './overrides.ts';

type Decode = (bytes: Buffer, start: number, end: number) => string;

/** By iconv-lite, and where the server has another character, as the server. */
export function multiByteDecoder(name: string, encoding: string): Decode {
  const characters = new Map<number, string>();
  for (const [bytes, codePoint, count] of OVERRIDES[name] ?? [])
    for (let index = 0; index < count; index++)
      characters.set(bytes + index, String.fromCodePoint(codePoint + index));
  // A byte order mark is a character like others here.
  const plain: Decode = (bytes, start, end) =>
    iconv.decode(bytes.subarray(start, end), encoding, { stripBOM: false });
  return characters.size === 0 ? plain : withOverrides(name, characters, plain);
}

function withOverrides(
  name: string,
  characters: ReadonlyMap<number, string>,
  plain: Decode,
): Decode {
  return (bytes, start, end) => {
    let text = '';
    let plainStart = start;
    for (let at = start; at < end;) {
      const width = widthAt(name, bytes, at);
      const character =
        width > 1 && width < 4 && at + width <= end
          ? characters.get(bytes.readUIntBE(at, width))
          : undefined;
      if (character !== undefined) {
        text += plain(bytes, plainStart, at) + character;
        plainStart = at + width;
      }
      at += width;
    }
    return plainStart === start ? plain(bytes, start, end) : text + plain(bytes, plainStart, end);
  };
}

/** Bytes of the character that begins here. */
function widthAt(name: string, bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  switch (name) {
    case 'sjis':
    case 'cp932':
      return first <= 0x80 || (first >= 0xa0 && first <= 0xdf) ? 1 : 2;
    case 'ujis':
    case 'eucjpms':
      return first === 0x8f ? 3 : 2;
    case 'gb18030': {
      const second = bytes[at + 1] ?? 0;
      return second >= 0x30 && second <= 0x39 ? 4 : 2;
    }
    default:
      return 2;
  }
}
