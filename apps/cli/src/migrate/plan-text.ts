import {
  shownTable,
  type Finding,
  type LeftBehind,
  type Plan,
  type Statement,
} from '@millrace/migration';
import { table } from '../table.ts';

/** So many things of one kind are named; the rest is counted. */
const NAMES_MAX = 40;

export function planText(plan: Plan, options: { readonly withSql: boolean }): string {
  const { schema, findings } = plan;
  const parts = [
    `from  ${plan.source}  (${shownProduct(plan.sourceProduct)})\nto    ${plan.target}  (${shownProduct(plan.targetProduct)})`,
    tablesText(plan),
    `steps\n${stepsText(plan)}`,
    plan.notCarried.length === 0 ? '' : `not carried over\n${leftText(plan.notCarried)}`,
    options.withSql
      ? `SQL for the target\n${[
          sqlText('before the copy', schema.first),
          sqlText('after the copy', schema.afterCopy),
          sqlText('at the cut-over', schema.atEnd),
        ].join('\n')}`
      : '',
    ...findings.map(findingText),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function shownProduct({ product, version }: Plan['sourceProduct']): string {
  return `${product} ${version}`;
}

function tablesText({ schema: { pairs } }: Plan): string {
  const rows = pairs.map(({ source, target, columns }) => [
    shownTable(source),
    shownTable(target),
    source.rowEstimate === undefined ? '?' : source.rowEstimate.toLocaleString('en-US'),
    String(columns.length),
    source.rowKey.join(', '),
  ]);
  return table(['TABLE', 'BECOMES', 'ROWS', 'COLUMNS', 'KEY'], rows);
}

function stepsText({ schema: { first, afterCopy, atEnd, pairs } }: Plan): string {
  return [
    `  1. make ${first.length} objects in the target: ${kindsOf(first)}`,
    `  2. copy ${pairs.length} tables in one consistent snapshot, while the source is written to`,
    `  3. make ${afterCopy.length} indexes, and follow the changes`,
    `  4. "millrace migrate verify": compare source and target while both are live`,
    `  5. "millrace migrate cutover": wait for zero lag, make ${atEnd.length} more (${kindsOf(atEnd)}), compare, advance sequences`,
  ].join('\n');
}

function kindsOf(statements: readonly Statement[]): string {
  const counts = new Map<string, number>();
  for (const { about } of statements) {
    const kind = about.split(' ')[0] ?? '';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts.size === 0
    ? 'nothing'
    : [...counts].map(([kind, n]) => `${n} × ${kind}`).join(', ');
}

function leftText(items: readonly LeftBehind[]): string {
  const shown = items
    .slice(0, NAMES_MAX)
    .map(({ kind, name, why }) => `  ${kind} ${name}${why === '' ? '' : `: ${why}`}`);
  const more = items.length - shown.length;
  return [...shown, ...(more > 0 ? [`  and ${more} more (--json shows all)`] : [])].join('\n');
}

function sqlText(title: string, statements: readonly Statement[]): string {
  return [`-- ${title}`, ...statements.map(({ sql }) => `${sql};`)].join('\n');
}

export function findingText({ severity, side, code, message, sql }: Finding): string {
  const head = `${severity} at the ${side} [${code}]: ${message}`;
  return [head, ...sql.map((each) => `    ${each}`)].join('\n');
}

export function planJson(plan: Plan): unknown {
  const { schema } = plan;
  return {
    id: plan.id,
    source: { url: plan.source, product: plan.sourceProduct },
    target: { url: plan.target, product: plan.targetProduct },
    tables: schema.pairs.map(({ source, target, columns }) => ({
      source: shownTable(source),
      target: shownTable(target),
      rows: source.rowEstimate ?? null,
      key: source.rowKey,
      columns: columns.map(({ column, targetType }) => ({
        name: column.name,
        type: column.nativeType,
        target_type: targetType,
      })),
    })),
    sql: {
      before_copy: schema.first.map(({ sql }) => sql),
      after_copy: schema.afterCopy.map(({ sql }) => sql),
      at_cutover: schema.atEnd.map(({ sql }) => sql),
    },
    not_carried: plan.notCarried,
    findings: plan.findings,
    ready: plan.findings.every(({ severity }) => severity !== 'problem'),
  };
}
