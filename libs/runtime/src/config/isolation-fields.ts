import {
  atLeast,
  defineFields,
  oneOfIgnoringCase,
  resolveConfig,
  type Resolved,
} from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';

const GROUP = 'Common';
const MODES = ['none', 'thread'] as const;

/** For all connectors of a worker. */
export const workerIsolationFields = defineFields({
  'tasks.isolation': {
    type: 'STRING',
    default: 'none',
    importance: 'LOW',
    recommended: MODES,
    doc: "Where tasks run: 'none' in the event loop that all share, 'thread' each in a thread of its own, so that a task that blocks, runs out of memory or throws where nobody catches fails alone. A thread costs some 40 MB and a fraction of a second at the start. A connector may choose for itself.",
    validate: oneOfIgnoringCase(...MODES),
  },
  'tasks.isolation.memory.max.mb': {
    type: 'INT',
    default: 512,
    importance: 'LOW',
    doc: 'With tasks.isolation=thread: the heap that a task may fill, in MiB. Buffers are not counted.',
    validate: atLeast(32),
  },
  'tasks.isolation.blocked.timeout.ms': {
    type: 'LONG',
    default: 60_000,
    importance: 'LOW',
    doc: 'With tasks.isolation=thread: a task that blocks its thread for so long, in milliseconds, is ended and has failed.',
    validate: atLeast(1000),
  },
});

/** For one connector; without a value it is as the worker says. */
export const connectorIsolationFields = defineFields({
  'tasks.isolation': {
    ...workerIsolationFields['tasks.isolation'],
    default: null,
    group: GROUP,
    displayName: 'Isolation of tasks',
  },
  'tasks.isolation.memory.max.mb': {
    ...workerIsolationFields['tasks.isolation.memory.max.mb'],
    default: null,
    group: GROUP,
    displayName: 'Heap of a task in its thread',
  },
  'tasks.isolation.blocked.timeout.ms': {
    ...workerIsolationFields['tasks.isolation.blocked.timeout.ms'],
    default: null,
    group: GROUP,
    displayName: 'Limit of a blocked thread',
  },
});

export interface Isolation {
  readonly isThread: boolean;
  readonly memoryMaxMb: number;
  readonly blockedLimitMs: number;
}

export function isolationOf(
  config: ComponentConfig,
  fields: Resolved<typeof workerIsolationFields>,
): Isolation {
  const own = resolveConfig(connectorIsolationFields, config, 'connector configuration');
  return {
    isThread: (own['tasks.isolation'] ?? fields['tasks.isolation']).toLowerCase() === 'thread',
    memoryMaxMb: own['tasks.isolation.memory.max.mb'] ?? fields['tasks.isolation.memory.max.mb'],
    blockedLimitMs:
      own['tasks.isolation.blocked.timeout.ms'] ?? fields['tasks.isolation.blocked.timeout.ms'],
  };
}
