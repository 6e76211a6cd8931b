import { defineFields, resolveConfig } from '@millrace/config';
import type { ConverterPlugin } from '@millrace/connector-api';
import { javaText, schemas } from '@millrace/record';
import { badBytes, badValue } from './errors.ts';
import { isAscii } from 'node:buffer';

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

/** Characters that an encoding does not have. */
const BEYOND: Readonly<Record<string, RegExp>> = {
  ascii: /[^\u0000-\u007f]/u,
  latin1: /[^\u0000-\u00ff]/u,
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
      fromConnect: (_topic, schema, value) => {
        if (value === null || value === undefined) return null;
        const text = typeof value === 'string' ? value : javaText(schema, value);
        // INV-8: Java writes question marks, Node parts of the characters.
        if (BEYOND[encoding]?.test(text) === true)
          throw badValue(`Failed to serialize to a string in ${resolved['converter.encoding']}`);
        return Buffer.from(text, encoding);
      },
      toConnect: (_topic, bytes) => {
        if (bytes === null) return { schema: OPTIONAL_STRING, value: null };
        if (encoding === 'ascii' && !isAscii(bytes))
          throw badBytes('Failed to deserialize string: the bytes are not US-ASCII');
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
