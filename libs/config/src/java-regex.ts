/** Java's flags that stand at the beginning of a pattern, as far as JavaScript has them. */
const INLINE_FLAGS = /^\(\?([ims]+)\)/;

/**
 * A pattern as Java writes it: flags at the beginning, such as `(?i)`, and escapes of plain characters are accepted.
 * @throws SyntaxError
 */
export function javaRegex(pattern: string, flags = ''): RegExp {
  const inline = INLINE_FLAGS.exec(pattern);
  const source = inline === null ? pattern : pattern.slice(inline[0].length);
  const all = [...new Set(flags + (inline?.[1] ?? ''))].join('');
  try {
    return new RegExp(source, `${all}u`);
  } catch {
    return new RegExp(source, all); // Less strict about escapes, as Java is.
  }
}

/** The same for the whole of a text. */
export function wholeRegex(pattern: string, flags = ''): RegExp {
  const inline = INLINE_FLAGS.exec(pattern)?.[0] ?? '';
  return javaRegex(`${inline}^(?:${pattern.slice(inline.length)})$`, flags);
}
