import { NumberText } from '@millrace/record';
import { badSchema } from '../errors.ts';
import type { AvroSchema, Json } from './avro-schema.ts';
import type { Write } from './compile-writer.ts';
import { isValidDefault } from './default-to-avro.ts';

/**
 * A writer of always the same value: the default of a field that the record does not have.
 * @throws MillraceError `converter.bad_schema` when the default is none
 */
export function compileJsonWriter(avro: AvroSchema, json: Json): Write {
  switch (avro.kind) {
    case 'null':
      return () => undefined;
    case 'boolean':
      return (_, out) => {
        out.byte(json === true ? 1 : 0);
      };
    case 'int':
    case 'long': {
      if (typeof json !== 'number' && typeof json !== 'bigint') throw badDefault(avro);
      return (_, out) => {
        out.long(json);
      };
    }
    case 'float':
    case 'double': {
      const value = json instanceof NumberText ? Number(json.text) : Number(json);
      return (_, out) => {
        if (avro.kind === 'float') out.float(value);
        else out.double(value);
      };
    }
    case 'string':
      return (_, out) => {
        out.text(String(json));
      };
    case 'bytes':
    case 'fixed': {
      const bytes = Buffer.from(String(json), 'latin1');
      return (_, out) => {
        if (avro.kind === 'bytes') out.bytes(bytes);
        else out.raw(bytes);
      };
    }
    case 'enum': {
      const index = avro.symbols.indexOf(String(json));
      if (index === -1) throw badDefault(avro);
      return (_, out) => {
        out.int(index);
      };
    }
    case 'array':
      return items(
        Array.isArray(json) ? json.map((each) => compileJsonWriter(avro.items, each)) : [],
      );
    case 'map':
      return items(
        Object.entries(membersOf(json)).map(([key, each]): Write => {
          const write = compileJsonWriter(avro.values, each);
          return (value, out) => {
            out.text(key);
            write(value, out);
          };
        }),
      );
    case 'record': {
      const members = membersOf(json);
      const writes = avro.fields.map((field) =>
        compileJsonWriter(field.schema, members[field.name] ?? field.default ?? null),
      );
      return (value, out) => {
        for (const write of writes) write(value, out);
      };
    }
    case 'union': {
      const index = avro.branches.findIndex((branch) => isValidDefault(branch, json));
      const branch = avro.branches[index];
      if (branch === undefined) throw badDefault(avro);
      const write = compileJsonWriter(branch, json);
      return (value, out) => {
        out.int(index);
        write(value, out);
      };
    }
  }
}

function items(writes: readonly Write[]): Write {
  return (value, out) => {
    if (writes.length > 0) out.long(writes.length);
    for (const write of writes) write(value, out);
    out.byte(0);
  };
}

function membersOf(json: Json): Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null ? { ...json } : {};
}

function badDefault(avro: AvroSchema): Error {
  return badSchema(`a default of the registered Avro schema is no ${avro.kind}`);
}
