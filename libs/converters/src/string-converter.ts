import { defineFields, resolveConfig } from '@millrace/config';
import type { ConverterPlugin } from '@millrace/connector-api';
import { javaText, schemas } from '@millrace/record';
import { badBytes } from './errors.ts';

const OPTIONAL_STRING = schemas.string({ optional: true });

const ENCODINGS: Readonly<Record<string, 'utf8' | 'latin1' | 'ascii' | 'utf16le'>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'iso-8859-1': 'latin1',
  latin1: 'latin1',
  'us-ascii': 'ascii',
  ascii: 'ascii',
  'utf-16le': 'utf16le',
};

const fields = defineFields({
  'converter.encoding': {
    type: 'STRING',
    default: 'UTF-8',
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Encoding',
    recommended: ['UTF-8', 'ISO-8859-1', 'US-ASCII', 'UTF-16LE'],
    doc: 'The character set used for encoding strings as bytes.',
    validate: (value) =>
      ENCODINGS[value.toLowerCase()] === undefined
        ? 'String must be one of (case insensitive): UTF-8, ISO-8859-1, US-ASCII, UTF-16LE'
        : undefined,
  },
});

export const stringConverter: ConverterPlugin = {
  kind: 'converter',
  name: 'string',
  javaClasses: ['org.apache.kafka.connect.storage.StringConverter'],
  version: '4.1.0',
  fields,
  create: (config) => {
    const resolved = resolveConfig(fields, config, 'string converter configuration');
    const encoding = ENCODINGS[resolved['converter.encoding'].toLowerCase()] ?? 'utf8';
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return {
      fromConnect: (_topic, schema, value) =>
        value === null || value === undefined
          ? null
          : Buffer.from(typeof value === 'string' ? value : javaText(schema, value), encoding),
      toConnect: (_topic, bytes) => {
        if (bytes === null) return { schema: OPTIONAL_STRING, value: null };
        if (encoding !== 'utf8')
          return { schema: OPTIONAL_STRING, value: Buffer.from(bytes).toString(encoding) };
        try {
          return { schema: OPTIONAL_STRING, value: decoder.decode(bytes) };
        } catch (error) {
          throw badBytes('Failed to deserialize string: the bytes are not UTF-8', error);
        }
      },
    };
  },
};
