/** How names of schemas and fields are made fit for Avro: `schema.name.adjustment.mode`. */
export type NameAdjustment = 'none' | 'avro' | 'avro_unicode';

export const NAME_ADJUSTMENTS: readonly NameAdjustment[] = ['none', 'avro', 'avro_unicode'];

/** A name of a schema; dots part it and are kept. */
export function adjustSchemaName(mode: NameAdjustment, name: string): string {
  return mode === 'none' ? name : adjust(mode, name, /^[A-Za-z_]$/, /^[A-Za-z0-9_.]$/);
}

/** The name of a field. */
export function adjustFieldName(mode: NameAdjustment, name: string): string {
  return mode === 'none' ? name : adjust(mode, name, /^[A-Za-z_]$/, /^[A-Za-z0-9_]$/);
}

function adjust(mode: NameAdjustment, name: string, first: RegExp, rest: RegExp): string {
  let adjusted = '';
  for (let index = 0; index < name.length; index++) {
    const character = name.charAt(index);
    const isValid = (index === 0 ? first : rest).test(character);
    // In the unicode mode the underscore is the escape character and is escaped itself.
    if (mode === 'avro_unicode' && (!isValid || character === '_')) adjusted += unicode(character);
    else if (isValid) adjusted += character;
    else adjusted += index === 0 && rest.test(character) ? `_${character}` : '_';
  }
  return adjusted;
}

function unicode(character: string): string {
  return `_u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
