import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JsonSink } from '@millrace/cdc';
import { systemClock } from '@millrace/foundation';
import { jsonText, valuesEqual } from '@millrace/record';
import { readRow, RowCursor } from '../src/binlog/events/row-cursor.ts';
import type { TableMap } from '../src/binlog/events/table-map.ts';
import { RowQuery } from '../src/snapshot/row-query.ts';
import { codecOf } from '../src/types/codec-of.ts';
import type { ColumnCodec, ValueReader } from '../src/types/codec.ts';
import type { ColumnDefinition } from '../src/types/column.ts';
import { columnsOf, mismatches } from '../src/types/metadata-columns.ts';
import { emptyFields, type RowFields } from '../src/types/row.ts';
import { selectExpression, SNAPSHOT_SESSION } from '../src/types/snapshot-sql.ts';
import { readTextRow } from '../src/types/text-row.ts';
import type { ValueSettings } from '../src/types/value-settings.ts';
import { BinlogLab, NEVER, VALUE_SETTINGS, type Flavour } from './binlog-lab.ts';
import { MODES, TYPES, type TypeCase } from './type-cases.ts';
import { modeTable, typeTable } from './type-table.ts';

describe.each(['mysql', 'mariadb'] as const)('%s', (flavour) => {
  const cases = TYPES.filter((item) => item.only === undefined || item.only === flavour);
  let table: TestTable;

  beforeAll(async () => {
    table = await TestTable.make(flavour, cases);
  }, 90_000);
  afterAll(async () => {
    await table.lab[Symbol.asyncDispose]();
  });

  test.each(cases.map((item, index) => [`${item.type} ${item.sql}`, index, item] as const))(
    '%s is equal from snapshot and binlog',
    (_, index, item) => {
      const { snapshot, binlog, definition } = table.values(index, VALUE_SETTINGS);
      const expected =
        item.mariadb !== undefined && flavour === 'mariadb' ? item.mariadb : item.value;
      expect(snapshot.value).toEqual(expected);
      expect(valuesEqual(binlog.value, snapshot.value)).toBe(true);
      expect(binlog.json).toBe(snapshot.json);
      const codec = must(codecOf(definition, VALUE_SETTINGS, 'test.types'));
      expect(codec.schema.name ?? codec.schema.type).toBe(item.schema);
      expect(binlog.json).toBe(jsonText(codec.schema, expected ?? null));
    },
  );

  test.each(MODES)('$name: $type $sql', ({ type, sql, settings, value, schema }) => {
    const index = cases.findIndex((item) => item.type === type && item.sql === sql);
    const merged = { ...VALUE_SETTINGS, ...settings };
    if (value instanceof Error) {
      expect(() => table.values(index, merged)).toThrow(value.message);
      expect(table.values(index, { ...merged, onUnrepresentable: 'null' }).binlog.value).toBeNull();
      return;
    }
    const { snapshot, binlog, definition } = table.values(index, merged);
    expect(snapshot.value).toEqual(value);
    expect(valuesEqual(binlog.value, snapshot.value)).toBe(true);
    expect(binlog.json).toBe(snapshot.json);
    const codec = must(codecOf(definition, merged, 'test.types'));
    expect(codec.schema.name ?? codec.schema.type).toBe(schema);
  });

  test('full row metadata describe the columns as the catalogue does', () => {
    const told = must(columnsOf(table.map));
    expect(mismatches(table.definitions, table.map)).toEqual([]);
    told.forEach((column, index) => {
      const known = must(table.definitions[index]);
      if (['uuid', 'inet4', 'inet6'].includes(known.type)) return; // the binlog does not know them
      const comparable = (definition: ColumnDefinition): object => ({
        ...definition,
        type: definition.type === 'geomcollection' ? 'geometrycollection' : definition.type,
        length: SIZED.has(definition.type) ? definition.length : null,
        scale: definition.type === 'decimal' ? definition.scale : null,
        isUnsigned: definition.type === 'year' ? false : definition.isUnsigned,
      });
      expect(comparable(column)).toEqual(comparable(known));
    });
  });

  test('a description that is not that of the rows is noticed', () => {
    const changed = table.definitions.map((column, index) =>
      index === 0 ? { ...column, type: 'bigint' } : column,
    );
    expect(mismatches(changed, table.map)).toEqual([
      expect.stringContaining('bigint is known, and type 3 is there'),
    ]);
    expect(mismatches(table.definitions.slice(1), table.map)).toHaveLength(1);
  });
});

test('the tables in TYPES.md are those of these cases', () => {
  const document = readFileSync(new URL('../TYPES.md', import.meta.url), 'utf8');
  expect(document).toContain(typeTable());
  expect(document).toContain(modeTable());
});

/** Types of which the binlog tells the size. */
const SIZED = new Set([
  'char',
  'varchar',
  'binary',
  'varbinary',
  'decimal',
  'bit',
  'time',
  'datetime',
  'timestamp',
]);

interface Shown {
  readonly value: unknown;
  readonly json: string;
}

/** One row with a column for each case, read in both ways. */
class TestTable {
  readonly lab: BinlogLab;
  readonly definitions: readonly ColumnDefinition[];
  readonly map: TableMap;
  readonly #fromBinlog: RowFields;
  readonly #fromText: RowFields;

  private constructor(
    lab: BinlogLab,
    definitions: readonly ColumnDefinition[],
    map: TableMap,
    fromBinlog: RowFields,
    fromText: RowFields,
  ) {
    this.lab = lab;
    this.definitions = definitions;
    this.map = map;
    this.#fromBinlog = fromBinlog;
    this.#fromText = fromText;
  }

  static async make(flavour: Flavour, cases: readonly TypeCase[]): Promise<TestTable> {
    const lab = await BinlogLab.start(flavour);
    await lab.sql.query("SET sql_mode = 'ALLOW_INVALID_DATES', NAMES utf8mb4");
    const columns = cases.map(({ type, isRequired }, index) => {
      const rule = isRequired === true ? 'NOT NULL' : /^timestamp/.test(type) ? 'NULL' : '';
      return `c${index} ${type} ${rule}`;
    });
    await lab.sql.query(
      `CREATE TABLE types (id int PRIMARY KEY, ${columns.join(', ')}) ROW_FORMAT=DYNAMIC`,
    );
    const values = cases.map(({ sql }) => sql);
    const [event] = await lab.rowsOf(`INSERT INTO types VALUES (1, ${values.join(', ')})`);
    const rows = must(event);
    const cursor = new RowCursor(rows);
    expect(cursor.next()).toBe(true);
    const fromBinlog = readRow(rows, cursor.afterAt, false, emptyFields());
    expect(cursor.next()).toBe(false);
    const definitions = await lab.columns('types');
    return new TestTable(lab, definitions, rows.table, fromBinlog, await textRow(lab, definitions));
  }

  values(
    index: number,
    settings: ValueSettings,
  ): { readonly snapshot: Shown; readonly binlog: Shown; readonly definition: ColumnDefinition } {
    const definition = must(this.definitions[index + 1]);
    const codec = must(codecOf(definition, settings, 'test.types'));
    const wire = must(this.map.columns[index + 1]);
    return {
      definition,
      snapshot: shown(codec, codec.text, this.#fromText, index + 1),
      binlog: shown(codec, codec.onWire(wire), this.#fromBinlog, index + 1),
    };
  }
}

function shown(codec: ColumnCodec, reader: ValueReader, fields: RowFields, index: number): Shown {
  const start = fields.at[index * 2] ?? -1;
  const end = fields.at[index * 2 + 1] ?? -1;
  const value = reader.read(fields.buffer, start, end);
  const sink = new JsonSink();
  sink.reserve((end - start) * 6 + 64);
  const next = reader.json?.(fields.buffer, start, end, sink.bytes, 0) ?? -1;
  return {
    value,
    json: next < 0 ? jsonText(codec.schema, value) : sink.bytes.toString('utf8', 0, next),
  };
}

async function textRow(
  lab: BinlogLab,
  definitions: readonly ColumnDefinition[],
): Promise<RowFields> {
  const connection = await lab.connect();
  for (const sql of SNAPSHOT_SESSION)
    await new Promise<void>((resolve, reject) => {
      connection.query(sql, (error) => (error === null ? resolve() : reject(error)));
    });
  const query = new RowQuery({
    connection,
    sql: `SELECT ${definitions.map(selectExpression).join(', ')} FROM types`,
    clock: systemClock,
    bytesMax: 1 << 20,
  });
  await query.wait(10_000, NEVER);
  const row = must(query.take());
  connection.destroy();
  return readTextRow(row.buffer, row.start, row.end, emptyFields());
}

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}
