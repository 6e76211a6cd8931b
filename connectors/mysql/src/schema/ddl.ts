/** What a statement of the binlog does to the catalogue, as far as a source must know; it is not parsed beyond that. */
export type DdlKind =
  | 'create-table'
  | 'alter-table'
  | 'drop-table'
  | 'rename-table'
  | 'truncate-table'
  | 'create-index'
  | 'drop-index'
  | 'create-database'
  | 'alter-database'
  | 'drop-database'
  /** Rows written as a statement. */
  | 'dml'
  | 'other';

export interface NamedTable {
  readonly database: string;
  readonly name: string;
}

export interface Ddl {
  readonly kind: DdlKind;
  /** Those that are changed; after RENAME under their new names too. */
  readonly tables: readonly NamedTable[];
  /** Old and new name, of RENAME TABLE and ALTER TABLE … RENAME. */
  readonly renames: readonly (readonly [NamedTable, NamedTable])[];
  /** The database that is meant, or in which the statement ran. */
  readonly database: string;
  /** It has IF EXISTS or IF NOT EXISTS. */
  readonly isConditional: boolean;
}

const NAME = '(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|[^\\s`"(),;.]+)';
const QUALIFIED = `${NAME}(?:\\s*\\.\\s*${NAME})?`;

const STATEMENTS: readonly (readonly [DdlKind, RegExp])[] = [
  [
    'create-table',
    rule(`CREATE\\s+(?:OR\\s+REPLACE\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${QUALIFIED})`),
  ],
  [
    'alter-table',
    rule(
      `ALTER\\s+(?:ONLINE\\s+|OFFLINE\\s+)?(?:IGNORE\\s+)?TABLE\\s+(?:IF\\s+EXISTS\\s+)?(${QUALIFIED})`,
    ),
  ],
  [
    'drop-table',
    rule(`DROP\\s+TABLES?\\s+(?:IF\\s+EXISTS\\s+)?(${QUALIFIED}(?:\\s*,\\s*${QUALIFIED})*)`),
  ],
  ['rename-table', rule(`RENAME\\s+TABLES?\\s+(?:IF\\s+EXISTS\\s+)?(.*)`)],
  ['truncate-table', rule(`TRUNCATE\\s+(?:TABLE\\s+)?(${QUALIFIED})`)],
  [
    'create-index',
    rule(
      `CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:ONLINE\\s+|OFFLINE\\s+)?(?:UNIQUE\\s+|FULLTEXT\\s+|SPATIAL\\s+|VECTOR\\s+)?INDEX\\b.*?\\bON\\s+(${QUALIFIED})`,
    ),
  ],
  ['drop-index', rule(`DROP\\s+INDEX\\b.*?\\bON\\s+(${QUALIFIED})`)],
  [
    'create-database',
    rule(
      `CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:DATABASE|SCHEMA)\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${NAME})`,
    ),
  ],
  ['alter-database', rule(`ALTER\\s+(?:DATABASE|SCHEMA)\\s+(${NAME})`)],
  ['drop-database', rule(`DROP\\s+(?:DATABASE|SCHEMA)\\s+(?:IF\\s+EXISTS\\s+)?(${NAME})`)],
  ['dml', rule(`(?:INSERT|UPDATE|DELETE|REPLACE|LOAD\\s+DATA)\\b()`)],
];

function rule(pattern: string): RegExp {
  return new RegExp(`^${pattern}`, 'is');
}

/** @param database the one in which the statement ran, for names without one */
export function readDdl(statement: string, database: string): Ddl {
  const text = withoutComments(statement);
  for (const [kind, pattern] of STATEMENTS) {
    const found = pattern.exec(text);
    if (found !== null) return ddlOf(kind, found[1] ?? '', text, database);
  }
  return { ...NOTHING, kind: 'other', database };
}

const NOTHING = { tables: [], renames: [], isConditional: false } as const;

function ddlOf(kind: DdlKind, target: string, text: string, database: string): Ddl {
  switch (kind) {
    case 'create-database':
    case 'alter-database':
    case 'drop-database':
      return { ...NOTHING, kind, database: unquote(target) };
    case 'dml':
    case 'other':
      return { ...NOTHING, kind, database };
    case 'rename-table': {
      const renames = renamesOf(target, database);
      return { ...NOTHING, kind, tables: renames.flat(), renames, database };
    }
    case 'alter-table': {
      const table = tableOf(target, database);
      const renamed = RENAME_TO.exec(withoutTexts(text))?.[1];
      if (renamed === undefined) return { ...NOTHING, kind, tables: [table], database };
      const to = tableOf(renamed, table.database);
      return { ...NOTHING, kind, tables: [table, to], renames: [[table, to]], database };
    }
    case 'create-table':
    case 'drop-table':
    case 'truncate-table':
    case 'create-index':
    case 'drop-index':
      return {
        kind,
        isConditional: CONDITION.test(text),
        tables: (target.match(EACH_QUALIFIED) ?? []).map((name) => tableOf(name, database)),
        renames: [],
        database,
      };
  }
}

const CONDITION = /^(?:CREATE|DROP)\s(?:[^`"'(]*?\s)?IF\s+(?:NOT\s+)?EXISTS\b/i;
const EACH_QUALIFIED = new RegExp(QUALIFIED, 'g');
/** Not RENAME COLUMN and RENAME INDEX, which have names of their own behind them. */
const RENAME_TO = new RegExp(
  `\\bRENAME\\s+(?:(?:TO|AS)\\s+|=\\s*)?(?!(?:COLUMN|INDEX|KEY|TO|AS)\\b)(${QUALIFIED})`,
  'i',
);

const RENAME_PAIR = `(${QUALIFIED})\\s+(?:WAIT\\s+\\d+\\s+|NOWAIT\\s+)?TO\\s+(${QUALIFIED})`;

function renamesOf(text: string, database: string): (readonly [NamedTable, NamedTable])[] {
  return [...text.matchAll(new RegExp(RENAME_PAIR, 'gi'))].map(([, from = '', to = '']) => [
    tableOf(from, database),
    tableOf(to, database),
  ]);
}

function tableOf(qualified: string, database: string): NamedTable {
  const parts = qualified.match(new RegExp(NAME, 'g')) ?? [];
  const [first = '', second] = parts;
  return second === undefined
    ? { database, name: unquote(first) }
    : { database: unquote(first), name: unquote(second) };
}

function unquote(name: string): string {
  if (name.startsWith('`')) return name.slice(1, -1).replaceAll('``', '`');
  if (name.startsWith('"')) return name.slice(1, -1).replaceAll('""', '"');
  return name;
}

/** Without comments; what stands in a versioned one (of MySQL or MariaDB) is a statement like any other. */
function withoutComments(statement: string): string {
  return statement
    .replaceAll(
      /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|\/\*M?!\d*|\*\/|\/\*.*?\*\/|(?:--[ \t\n]|#)[^\n]*/gs,
      (part) => (/^['"`]/.test(part) ? part : ' '),
    )
    .trim()
    .replace(/^SET\s+STATEMENT\s+.*?\s+FOR\s+/is, '');
}

function withoutTexts(text: string): string {
  return text.replaceAll(/'(?:[^'\\]|\\.|'')*'/gs, "''");
}

const PIECES =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|(?<blank>\/\*(?!M?!).*?\*\/|(?:--[ \t\n]|#)[^\n]*|[\s;]+)|[^'"`/\-#\s;]+|./gs;

/** As Debezium tells it: without comments before and after it. */
export function bareStatement(statement: string): string {
  let [start, end] = [-1, 0];
  for (const { 0: piece, groups, index } of statement.matchAll(PIECES)) {
    if (groups?.['blank'] !== undefined) continue;
    if (start < 0) start = index;
    end = index + piece.length;
  }
  return statement.slice(Math.max(start, 0), end);
}

/** RENAME TABLE as one statement for each table, in the words of the original. */
export function renameStatements(statement: string): readonly string[] {
  const words = /^\s*RENAME\s+TABLES?\s+(?:IF\s+EXISTS\s+)?/i.exec(statement)?.[0] ?? '';
  return [...statement.slice(words.length).matchAll(new RegExp(RENAME_PAIR, 'gi'))].map(
    ([pair]) => `${words.trim()} ${pair}`,
  );
}
