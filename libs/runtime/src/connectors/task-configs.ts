import { resolveConfig } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import { commonFields } from '../config/connector-fields.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import { isCallTimeout, taskFailed, tooManyTasks } from '../errors.ts';
import type { ConnectorPlugin } from '../plugins/plugin-registry.ts';
import { listOrNone } from '../tasks/plugin-answers.ts';
import { callWithLimit } from '../tasks/time-limit.ts';

/**
 * Asks a connector for the configurations of its tasks.
 * @throws MillraceError for one that fails, hangs, or makes more tasks than it may
 */
export async function taskConfigsOf(
  connector: string,
  plugin: ConnectorPlugin,
  resolved: ComponentConfig,
  {
    worker,
    clock,
    signal,
  }: { readonly worker: WorkerSettings; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly ComponentConfig[]> {
  const fields = resolveConfig(commonFields, resolved, 'connector configuration');
  const tasksMax = fields['tasks.max'];
  const limits = {
    clock,
    stage: 'taskConfigs of the connector',
    limitMs: worker.fields['connector.call.timeout.ms'],
    graceMs: () => 0,
    signal,
  };
  const made = await callWithLimit(limits, () => plugin.taskConfigs(resolved, tasksMax)).catch(
    (error: unknown) => {
      throw isCallTimeout(error) || limits.signal.aborted ? error : taskFailed(limits.stage, error);
    },
  );
  listOrNone(limits.stage, made);
  if (made.length > tasksMax && fields['tasks.max.enforce'])
    throw tooManyTasks(connector, made.length, tasksMax);
  return made;
}
