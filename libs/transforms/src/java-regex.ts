import type { Validator } from '@millrace/config';

/** A pattern as Java writes it, for the whole text. Java's escapes of plain characters are accepted. */
export function wholeRegex(pattern: string): RegExp {
  return compile(`^(?:${pattern})$`);
}

export function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern); // Less strict about escapes, as Java is.
  }
}

export const javaRegex: Validator<string> = (value) => {
  try {
    compile(value);
    return undefined;
  } catch (error) {
    return `Invalid regex: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** `$1` and `${name}` as Java's replacements have them; `\$` is a dollar. */
export function javaReplacement(replacement: string): string {
  return replacement.replace(
    /\\(.)|\$\{(\w+)\}|\$(?!\d)/g,
    (whole, escaped?: string, name?: string) => {
      if (escaped !== undefined) return escaped === '$' ? '$$' : escaped;
      return name === undefined ? `$${whole}` : `$<${name}>`;
    },
  );
}
