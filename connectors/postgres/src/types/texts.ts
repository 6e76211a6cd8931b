import { schemas } from '@millrace/record';
import { codec, type CodecMaker, type JsonShortcut } from './codec.ts';
import { parseHstore } from './text-forms.ts';

/** Types that are carried as the text that the server prints, and hstore. */

const STRING: JsonShortcut = { kind: 'string' };
const identity = (text: string): string => text;

export function textCodec(name?: string, json: JsonShortcut = STRING): CodecMaker {
  return ({ settings }) =>
    codec(
      name === undefined ? schemas.string() : schemas.string({ name, version: 1 }),
      identity,
      '',
      { json, placeholder: settings.placeholderText },
    );
}

/** Nothing in these texts is ever escaped in JSON. */
export function plainCodec(name?: string): CodecMaker {
  return textCodec(name, { kind: 'plain' });
}

export const enumCodec: CodecMaker = ({ settings, type }) =>
  codec(
    schemas.string({
      name: 'io.debezium.data.Enum',
      version: 1,
      parameters: { allowed: type.labels.join(',') },
    }),
    identity,
    '',
    { json: STRING, placeholder: settings.placeholderText },
  );

export const hstoreCodec: CodecMaker = ({ settings }) => {
  const missing = new Map([[settings.placeholderText, settings.placeholderText]]);
  if (settings.hstoreMode === 'map')
    return codec(
      schemas.map(schemas.string(), schemas.string({ optional: true })),
      parseHstore,
      new Map(),
      { placeholder: missing },
    );
  return codec(
    schemas.string({ name: 'io.debezium.data.Json', version: 1 }),
    (text) => hstoreJson(parseHstore(text)),
    '{}',
    { placeholder: hstoreJson(missing) },
  );
};

/** Member by member, so that keys that look like numbers keep their place. */
function hstoreJson(entries: ReadonlyMap<string, string | null>): string {
  const members = [...entries].map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}
