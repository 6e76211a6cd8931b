import type { Fields } from '@millrace/config';
import type { ConnectorPlugin } from '../plugins/plugin-registry.ts';
import { commonFields, sinkFields, sourceFields } from './connector-fields.ts';
import { errorFields } from './error-fields.ts';
import { connectorIsolationFields } from './isolation-fields.ts';

const DEAD_LETTERS = 'errors.deadletterqueue.topic.name';

/** What every source or sink has, in Connect's order: common, errors, its kind's, dead letters and ours. */
export function frameworkFields({ kind }: Pick<ConnectorPlugin, 'kind'>): Fields {
  const errors = Object.entries(errorFields);
  const index = errors.findIndex(([key]) => key === DEAD_LETTERS);
  return {
    ...commonFields,
    ...Object.fromEntries(errors.slice(0, index)),
    ...(kind === 'sink' ? sinkFields : sourceFields),
    ...Object.fromEntries(errors.slice(index)),
    ...connectorIsolationFields,
  };
}
