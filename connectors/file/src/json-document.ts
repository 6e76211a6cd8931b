/** Integers beyond 2^53: the built-in parser would round them. */
const MAY_BE_LARGE = /\d{16}/;
const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON; integers that a number can't hold become bigints (INV-8). @throws SyntaxError */
export function parseDocument(text: string): unknown {
  if (!MAY_BE_LARGE.test(text)) return JSON.parse(text);
  JSON.parse(text); // what is not JSON is refused before it is looked into
  let mark = '#';
  while (text.includes(mark)) mark += '#';
  const marked = text.replace(STRING_OR_INTEGER, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}
