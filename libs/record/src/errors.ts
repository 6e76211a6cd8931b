import { MillraceError } from '@millrace/foundation';

/** The text is not JSON, or holds a number that would be changed by reading it. Look at who wrote it. */
export function notJson(reason: string): MillraceError {
  return new MillraceError({ code: 'record.not_json', retry: 'fatal', message: reason });
}

/** A value that JSON has no form for, or that needs a schema to have one. Give it a schema or convert it. */
export function noJsonForm(reason: string): MillraceError {
  return new MillraceError({
    code: 'record.no_json_form',
    retry: 'fatal',
    message: reason,
    hint: 'convert the field by a transform, or use a schema that says what it is',
  });
}

/** A value that Java would print as the identity of an object, which nobody can want (INV-8). */
export function noTextForm(kind: string): MillraceError {
  return new MillraceError({
    code: 'record.no_text_form',
    retry: 'fatal',
    message: `${kind} has no text form`,
    hint: 'convert the field by a transform, or use a converter for its type',
  });
}

/** A text that should be a decimal number and is none. */
export function badDecimal(text: string): MillraceError {
  return new MillraceError({
    code: 'record.bad_decimal',
    retry: 'fatal',
    message: `"${text}" is not a decimal number`,
  });
}
