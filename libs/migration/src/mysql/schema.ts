import type { Catalog } from '../model/catalog.ts';
import type { SchemaOptions, SchemaPlan } from '../schema/schema-plan.ts';

export function planMysqlSchema(_catalog: Catalog, _options: SchemaOptions): SchemaPlan {
  throw new Error('not yet');
}
