import { checkSource, checkTarget } from '../checks/check.ts';
import { problem, type Finding } from '../checks/finding.ts';
import { checkWayBack } from '../checks/way-back.ts';
import type { Catalog, LeftBehind, TableName } from '../model/catalog.ts';
import { shownTable } from '../model/catalog.ts';
import type { Selection } from '../model/selection.ts';
import { planPostgresSchema } from '../postgres/schema.ts';
import { planMysqlSchema } from '../mysql/schema.ts';
import { readCatalog } from '../server/read-catalog.ts';
import { productOf, type Product } from '../server/product.ts';
import type { SchemaPlan } from '../schema/schema-plan.ts';
import { migrationId, shownEndpoint } from '../server/endpoint.ts';
import type { Session } from '../server/session-api.ts';
import { namesFor } from './migration-names.ts';
import { schemaRenaming } from './schema-renaming.ts';

export interface PlanRequest {
  readonly source: Session;
  readonly target: Session;
  readonly selection: Selection;
  /** `sales:shop`: the schema of the source, and that of the target. */
  readonly renames: readonly string[];
  /** Which tables belong to it, of a migration that has begun; else all that are selected. */
  readonly tables?: readonly string[];
  /** The tables, slot and topics of an earlier run are expected. */
  readonly isResumed: boolean;
  /** The target's changes are to be followed later. */
  readonly isReversible: boolean;
}

/** Everything that is known before anything is done. */
export interface Plan {
  readonly id: string;
  /** On the way back the old database's triggers and foreign keys can be kept from acting a second time. */
  readonly isOldQuiet: boolean;
  readonly source: string;
  readonly target: string;
  readonly sourceProduct: Product;
  readonly targetProduct: Product;
  readonly catalog: Catalog;
  readonly schema: SchemaPlan;
  readonly findings: readonly Finding[];
  readonly notCarried: readonly LeftBehind[];
  /** Tables that are selected, but were not there when the migration began: they are not carried. */
  readonly created: readonly TableName[];
}

/** Reads and checks both servers; changes nothing. */
export async function makePlan(request: PlanRequest): Promise<Plan> {
  const { source, target, isResumed } = request;
  const id = migrationId(source.endpoint, target.endpoint);
  const targetProduct = await productOf(target);
  const { catalog, created, schema } = await tablesOf(request, targetProduct.product);
  const findings = [
    ...wholeFindings(request, catalog, schema),
    ...(await checkSource(source, catalog, {
      side: 'source',
      name: namesFor(id, 'forward').slot,
      isResumed,
      other: target.endpoint.family,
    })),
    ...(await checkTarget(target, schema.pairs, catalog, !isResumed)),
  ];
  const back = request.isReversible
    ? await checkWayBack(request, schema.pairs, namesFor(id, 'reverse').slot)
    : { findings: [], isQuiet: false };
  return {
    id,
    isOldQuiet: back.isQuiet,
    source: shownEndpoint(source.endpoint),
    target: shownEndpoint(target.endpoint),
    sourceProduct: { product: catalog.product, version: catalog.version },
    targetProduct,
    catalog,
    schema,
    findings: [...findings, ...back.findings],
    notCarried: [
      ...schema.notCarried,
      ...created.map((table) => ({
        kind: 'table',
        name: shownTable(table),
        why: 'it was created after the migration began',
      })),
    ],
    created,
  };
}

/** The tables of a migration at this moment, and what they are to be in the target. */
export interface FollowedPlan {
  readonly catalog: Catalog;
  readonly schema: SchemaPlan;
  /** Selected, but not there when the migration began. */
  readonly created: readonly TableName[];
  readonly targetProduct: Product['product'];
}

export async function followedPlan(
  request: TablesRequest & { readonly product: Pick<Plan, 'targetProduct'> },
): Promise<FollowedPlan> {
  return tablesOf(request, request.product.targetProduct.product);
}

type TablesRequest = Pick<PlanRequest, 'source' | 'target' | 'selection' | 'renames' | 'tables'>;

async function tablesOf(
  { source, target, selection, renames, tables }: TablesRequest,
  targetProduct: Product['product'],
): Promise<FollowedPlan> {
  const read = await readCatalog(source, selection);
  const isOurs = (table: TableName): boolean =>
    tables === undefined || tables.includes(shownTable(table));
  const catalog = { ...read, tables: read.tables.filter(isOurs) };
  const options = {
    rename: schemaRenaming(source.endpoint, target.endpoint, renames),
    targetProduct,
  };
  const schema =
    target.endpoint.family === 'postgres'
      ? planPostgresSchema(catalog, options)
      : planMysqlSchema(catalog, options);
  return {
    catalog,
    schema,
    created: read.tables.filter((table) => !isOurs(table)),
    targetProduct,
  };
}

function wholeFindings(
  { source, target }: PlanRequest,
  catalog: Catalog,
  { pairs }: SchemaPlan,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (shownEndpoint(source.endpoint) === shownEndpoint(target.endpoint))
    findings.push(
      problem('target', 'migration.same_database', 'source and target are the same database'),
    );
  if (catalog.tables.length === 0)
    findings.push(
      problem(
        'source',
        'migration.no_tables',
        'no table of the source is chosen; look at --tables and --schema',
      ),
    );
  const names = namesFor('', 'forward');
  for (const [what, nameOf] of [
    ['the target', (pair: (typeof pairs)[number]) => shownTable(pair.target)],
    ['the log', (pair: (typeof pairs)[number]) => names.topic(pair.source)],
  ] as const) {
    const byName = new Map<string, string>();
    for (const pair of pairs) {
      const other = byName.get(nameOf(pair));
      if (other !== undefined)
        findings.push(
          problem(
            'source',
            'migration.names_collide',
            `${other} and ${shownTable(pair.source)} would have the same name in ${what}; migrate one of them by itself`,
          ),
        );
      byName.set(nameOf(pair), shownTable(pair.source));
    }
  }
  return findings;
}
