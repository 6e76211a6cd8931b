import { defineFields, oneOf } from '@millrace/config';
import {
  DATE,
  kindOf,
  logical,
  schemas,
  TIME,
  TIMESTAMP,
  type Schema,
  type SchemaOptions,
  type StructSchema,
} from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { JavaDateFormat } from './java-date-format.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { fieldValue, perSchema, requireStruct, setMember } from './subject.ts';

const FORMS = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const;
type Form = (typeof FORMS)[number];
const PRECISIONS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;
type Precision = (typeof PRECISIONS)[number];
const DAY_MS = 86_400_000;
const PURPOSE = 'converting timestamp formats';

const fields = defineFields({
  field: {
    type: 'STRING',
    default: '',
    importance: 'HIGH',
    doc: 'The field that holds the timestamp; empty: the whole key or value is one.',
  },
  'target.type': {
    type: 'STRING',
    importance: 'HIGH',
    recommended: FORMS,
    doc: 'What the timestamp becomes: string, unix, Date, Time or Timestamp.',
    validate: oneOf(...FORMS),
  },
  format: {
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    doc: 'A SimpleDateFormat pattern, to write timestamps as text if target.type is string, and to read them if they are texts.',
  },
  'unix.precision': {
    type: 'STRING',
    default: 'milliseconds',
    importance: 'LOW',
    recommended: PRECISIONS,
    doc: 'What a unix timestamp counts since 1970: seconds, milliseconds, microseconds or nanoseconds.',
    validate: oneOf(...PRECISIONS),
  },
  'replace.null.with.default': replaceNullField,
});

/** A timestamp changes its form: text, number, or one of Connect's logical types. */
export const timestampConverter = keyAndValue(
  'timestamp-converter',
  'TimestampConverter',
  fields,
  (settings, side) => {
    const { field } = settings;
    const target = formOf(settings['target.type']);
    if (target === 'string' && settings.format.trim() === '')
      throw badSettings(
        'TimestampConverter requires format option to be specified when using string timestamps',
      );
    const converter = new Conversion(
      target,
      settings.format.trim() === '' ? undefined : new JavaDateFormat(settings.format),
      PRECISIONS.find((each) => each === settings['unix.precision']) ?? 'milliseconds',
    );
    const hasDefaults = settings['replace.null.with.default'];
    const convertStruct = (schema: StructSchema, value: unknown): Record<string, unknown> => {
      const struct = requireStruct({ schema, value }, PURPOSE).value;
      return Object.fromEntries(
        schema.fields.map((each) => {
          const member = fieldValue(struct, each, hasDefaults);
          return [
            each.name,
            each.name === field ? converter.convert(member, formOfSchema(each.schema)) : member,
          ];
        }),
      );
    };
    const wholeSchemaOf = perSchema((schema: Schema) => schemaOf(target, schema.optional));
    const structSchemaOf = perSchema((schema: StructSchema): StructSchema => ({
      ...schema,
      fields: schema.fields.map((each) =>
        each.name === field
          ? { name: each.name, schema: schemaOf(target, each.schema.optional) }
          : each,
      ),
      ...(schema.default === undefined ? {} : { default: convertStruct(schema, schema.default) }),
    }));
    const converted = perSchema((schema: StructSchema) =>
      schema.fields.flatMap(({ name, schema: from }, index) =>
        name === field ? [{ index, form: formOfSchema(from) }] : [],
      ),
    );
    return (draft) => {
      const half = draft.half(side);
      const { schema } = half;
      if (schema === null) {
        if (half.isNull || field === '') half.set(null, converter.convert(half.value ?? null));
        else {
          const members = half.openMap(PURPOSE);
          const member = Object.hasOwn(members, field) ? members[field] : null;
          setMember(members, field, converter.convert(member));
        }
      } else if (field === '')
        half.set(
          wholeSchemaOf(schema),
          converter.convert(half.value ?? null, formOfSchema(schema)),
        );
      else if (half.isNull && schema.type === 'struct') half.set(structSchemaOf(schema), null);
      else {
        const struct = half.requireStruct(PURPOSE);
        const members = half.members(PURPOSE, hasDefaults);
        for (const { index, form } of converted(struct))
          members[index] = converter.convert(members[index], form);
        half.setSchema(structSchemaOf(struct));
      }
      return true;
    };
  },
);

function formOf(text: string): Form {
  return FORMS.find((form) => form === text) ?? 'Timestamp';
}

class Conversion {
  readonly #target: Form;
  readonly #format: JavaDateFormat | undefined;
  readonly #precision: Precision;

  constructor(target: Form, format: JavaDateFormat | undefined, precision: Precision) {
    this.#target = target;
    this.#format = format;
    this.#precision = precision;
  }

  /** @throws MillraceError for what is no timestamp */
  convert(value: unknown, form?: Form): unknown {
    if (value === null || value === undefined) return null;
    return this.#to(this.#from(value, form ?? formOfValue(value)));
  }

  #from(value: unknown, form: Form): Date {
    switch (form) {
      case 'string':
        return this.#parse(value);
      case 'unix':
        if (typeof value !== 'number' && typeof value !== 'bigint')
          throw unsuitableRecord(
            `Expected Unix timestamp to be a Long, but found ${kindOf(value)}`,
          );
        return inRange(value, new Date(millisOf(value, this.#precision)));
      default:
        if (!(value instanceof Date))
          throw unsuitableRecord(
            `Expected ${form} to be a java.util.Date, but found ${kindOf(value)}`,
          );
        return value;
    }
  }

  #parse(value: unknown): Date {
    if (typeof value !== 'string')
      throw unsuitableRecord(
        `Expected string timestamp to be a String, but found ${kindOf(value)}`,
      );
    if (this.#format === undefined)
      throw unsuitableRecord(
        'TimestampConverter requires format option to be specified when using string timestamps',
      );
    const date = this.#format.parse(value);
    if (date === undefined)
      throw unsuitableRecord(
        `Could not parse timestamp: value (${value}) does not match pattern (${this.#format.pattern})`,
      );
    return date;
  }

  #to(date: Date): unknown {
    const timeMs = date.getTime();
    switch (this.#target) {
      case 'string':
        return this.#format?.format(date);
      case 'unix':
        return unixOf(timeMs, this.#precision);
      case 'Date':
        return new Date(Math.floor(timeMs / DAY_MS) * DAY_MS);
      case 'Time':
        return new Date(((timeMs % DAY_MS) + DAY_MS) % DAY_MS);
      case 'Timestamp':
        return date;
    }
  }
}

/** JavaScript's dates go as far as 275,000 years, Java's a thousand times as far. */
function inRange(value: number | bigint, date: Date): Date {
  if (Number.isNaN(date.getTime()))
    throw unsuitableRecord(`${value} is too far from 1970 for a timestamp`);
  return date;
}

/** Whole milliseconds, the rest cut off towards zero, as Java's TimeUnit does. */
function millisOf(value: number | bigint, precision: Precision): number {
  switch (precision) {
    case 'seconds':
      return Number(value) * 1000;
    case 'milliseconds':
      return Number(value);
    case 'microseconds':
      return Number(BigInt(value) / 1000n);
    case 'nanoseconds':
      return Number(BigInt(value) / 1_000_000n);
  }
}

function unixOf(timeMs: number, precision: Precision): number | bigint {
  switch (precision) {
    case 'seconds':
      return Math.trunc(timeMs / 1000);
    case 'milliseconds':
      return timeMs;
    case 'microseconds':
      return safe(BigInt(timeMs) * 1000n);
    case 'nanoseconds':
      return safe(BigInt(timeMs) * 1_000_000n);
  }
}

function safe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function schemaOf(form: Form, isOptional: boolean): Schema {
  const options: SchemaOptions = { optional: isOptional };
  switch (form) {
    case 'string':
      return schemas.string(options);
    case 'unix':
      return schemas.int64(options);
    case 'Date':
      return logical.date(options);
    case 'Time':
      return logical.time(options);
    case 'Timestamp':
      return logical.timestamp(options);
  }
}

function formOfSchema(schema: Schema): Form {
  switch (schema.name) {
    case TIMESTAMP:
      return 'Timestamp';
    case DATE:
      return 'Date';
    case TIME:
      return 'Time';
    default:
  }
  // Not otherwise said, a text is in the format of the settings.
  if (schema.type === 'string') return 'string';
  if (schema.type === 'int64') return 'unix';
  throw unsuitableRecord(
    `Schema ${schema.name ?? schema.type.toUpperCase()} does not correspond to a known timestamp type format`,
  );
}

function formOfValue(value: unknown): Form {
  if (value instanceof Date) return 'Timestamp';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
    return 'unix';
  throw unsuitableRecord(
    `TimestampConverter does not support ${kindOf(value)} objects as timestamps`,
  );
}
