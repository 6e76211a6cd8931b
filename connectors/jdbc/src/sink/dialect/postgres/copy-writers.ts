import { byToken, directWriters } from '../../run/direct-forms.ts';
import { hexWriter, writeEscapedText } from '../../run/escaped-text.ts';
import type { RunField } from '../../run/row-form.ts';
import type { ValueWriter } from '../../run/row-cursor.ts';

/** With the backslash of the hexadecimal form escaped. */
const writeBytea = hexWriter('\\\\x');

export function copyWriterFor(field: RunField): ValueWriter | undefined {
  return byToken(directWriters(field, { text: writeEscapedText, bytes: writeBytea }));
}
