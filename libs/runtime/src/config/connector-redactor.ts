import type { ComponentConfig } from '@millrace/connector-api';
import { redactorOf, type Redact } from '../errors/redactor.ts';
import type { ConnectorPlugin, PluginRegistry } from '../plugins/plugin-registry.ts';
import { fieldsOf } from './validation.ts';
import type { WorkerSettings } from './worker-fields.ts';

export interface ConnectorSecrets {
  /** Undefined: one that can't be found; the names of keys decide alone. */
  readonly plugin: ConnectorPlugin | undefined;
  /** Its placeholders replaced. */
  readonly resolved: ComponentConfig;
  readonly stored: ComponentConfig;
  /** Beyond the connector's own: what it made for a task. */
  readonly taskConfig?: ComponentConfig;
}

/** Hides the secrets of a connector, of its transforms and converters, and of the worker. */
export function connectorRedactor(
  { plugin, resolved, stored, taskConfig = {} }: ConnectorSecrets,
  context: { readonly registry: PluginRegistry; readonly worker: WorkerSettings },
): Redact {
  const fields = plugin === undefined ? {} : fieldsOf(plugin, resolved, context);
  return redactorOf(
    { config: resolved, fields, template: stored },
    { config: taskConfig, fields },
    { config: context.worker.raw, fields: {} },
  );
}
