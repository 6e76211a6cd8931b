import { describeError } from '@millrace/foundation';
import { askConnector } from '../commands/connector-path.ts';
import type { RestClient } from '../rest-client.ts';
import type { Plan, PlannedConnector } from './plan.ts';

export interface Applied {
  readonly name: string;
  readonly done: 'created' | 'updated' | 'deleted' | 'failed';
  /** Why it failed. */
  readonly error?: string;
}

/** One connector after the other; one that fails does not keep the others from what was planned. */
export async function applyPlan(
  rest: RestClient,
  { connectors }: Plan,
  onApplied: (applied: Applied) => void,
): Promise<readonly Applied[]> {
  const all: Applied[] = [];
  // What goes makes room first: a slot, a file or a consumer group that another one is to take over.
  const inOrder = [...connectors].sort(
    (left, right) => Number(right.action === 'delete') - Number(left.action === 'delete'),
  );
  for (const connector of inOrder) {
    if (connector.action === 'unchanged') continue;
    const applied = await applyOne(rest, connector);
    onApplied(applied);
    all.push(applied);
  }
  return all;
}

async function applyOne(rest: RestClient, planned: PlannedConnector): Promise<Applied> {
  const { action, name } = planned;
  try {
    if (action === 'delete') {
      await askConnector(rest, 'DELETE', name);
      return { name, done: 'deleted' };
    }
    return { name, done: await put(rest, planned) };
  } catch (error) {
    return { name, done: 'failed', error: describeError(error) };
  }
}

async function put(
  rest: RestClient,
  { action, name, wanted }: PlannedConnector,
): Promise<'created' | 'updated'> {
  const config = wanted?.config ?? {};
  if (action !== 'create') {
    await askConnector(rest, 'PUT', name, '/config', config);
    return 'updated';
  }
  const state = wanted?.initialState ?? 'STARTED';
  await rest.ask('POST', '/connectors', {
    name,
    config,
    ...(state === 'STARTED' ? {} : { initial_state: state }),
  });
  return 'created';
}
