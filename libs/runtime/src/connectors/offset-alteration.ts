import type { AlteredSinkOffset, SinkConnector, SourceConnector } from '@millrace/connector-api';
import type { LogClient } from '../clients/log-client.ts';
import { withClients } from '../clients/own-clients.ts';
import { consumerGroupOf } from '../config/client-overrides.ts';
import { connectorRedactor } from '../config/connector-redactor.ts';
import { badRequest, offsetsRefused } from '../errors.ts';
import type { ConnectorConfig, ConnectorOffsets } from '../herder.ts';
import type { OffsetChange, SourceOffsets } from '../stores/offset-store.ts';
import { callWithLimit } from '../tasks/time-limit.ts';
import { alterGroup, forgetGroup, sinkChanges, sourceChanges } from './connector-offsets.ts';
import type { ConnectorPorts } from './connector-ports.ts';
import { fenceFormerGeneration, isExactlyOnce } from './generation-fence.ts';

/** A stopped connector whose offsets a person changes. */
export interface StoppedConnector {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly ports: ConnectorPorts;
}

type Message = { readonly message: string };

/** How long a request waits for the offsets topic. */
const OFFSETS_READ_MS_MAX = 30_000;

/** Sets, or with null forgets, some offsets, unless the connector objects (KIP-875). */
export async function alterOffsets(
  connector: StoppedConnector,
  wanted: ConnectorOffsets,
): Promise<Message> {
  const plugin = pluginOf(connector);
  if (plugin?.kind === 'sink') {
    return withOwnClients(connector, async (client) => {
      const changes = await sinkChanges(connector.name, wanted, client);
      const isAll = await askSink(connector, plugin, changes);
      const isOneWrite = new Set(changes.map(({ offset }) => offset === null)).size <= 1;
      await wholly(connector, wanted, isOneWrite, () =>
        alterGroup(groupOf(connector), changes, client),
      );
      return told('altered', isAll);
    });
  }
  const offsets = await offsetsOf(connector);
  const isAll = await changeSource(connector, plugin, offsets, sourceChanges(wanted));
  return told('altered', isAll);
}

/** Forgets all offsets, unless the connector objects. */
export async function resetOffsets(connector: StoppedConnector): Promise<Message> {
  const plugin = pluginOf(connector);
  if (plugin?.kind === 'sink')
    return withOwnClients(connector, (client) => resetGroup(connector, plugin, client));
  const offsets = await offsetsOf(connector);
  const known = offsets.list(connector.name);
  const forgotten = known.map(({ partition }) => ({ partition, offset: null }));
  return told('reset', await changeSource(connector, plugin, offsets, forgotten));
}

async function resetGroup(
  connector: StoppedConnector,
  plugin: SinkConnector,
  client: LogClient,
): Promise<Message> {
  const known = await client.admin.listGroupOffsets(groupOf(connector));
  const forgotten = known.map(({ topic, partition }) => ({ topic, partition, offset: null }));
  const isAll = await askSink(connector, plugin, forgotten);
  const wanted = known.map(({ topic, partition }) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: null,
  }));
  await wholly(connector, { offsets: wanted }, true, () => forgetGroup(groupOf(connector), client));
  return told('reset', isAll);
}

/** What administrators do, by `admin.override.*`. */
async function withOwnClients<T>(
  { config, ports }: StoppedConnector,
  operation: (client: LogClient) => Promise<T>,
): Promise<T> {
  const { config: resolved } = await ports.resolve(config);
  return withClients(resolved, ports, operation);
}

/** The source's offsets, with all that anybody has written until now. */
export async function offsetsOf({ config, ports }: StoppedConnector): Promise<SourceOffsets> {
  const { clock } = ports;
  const limits = {
    clock,
    stage: 'reading of the stored offsets',
    limitMs: OFFSETS_READ_MS_MAX,
    graceMs: () => 0,
    signal: new AbortController().signal,
  };
  return await callWithLimit(limits, async (signal) => {
    const { config: resolved } = await ports.resolve(config);
    const offsets = await ports.offsets.of(resolved['offsets.storage.topic']);
    await offsets.refresh(signal);
    return offsets;
  });
}

async function changeSource(
  connector: StoppedConnector,
  plugin: SourceConnector | undefined,
  offsets: SourceOffsets,
  changes: readonly OffsetChange[],
): Promise<boolean> {
  const { name, ports } = connector;
  // INV-9: a task that still runs elsewhere must not write over what is set here.
  if (isExactlyOnce(ports.worker))
    await withOwnClients(connector, (client) =>
      fenceFormerGeneration({ connector: name, taskCount: 0, ...ports, client }),
    );
  const isAll = await ask(connector, plugin?.alterOffsets?.bind(plugin), changes);
  const isOneWrite = offsets.recordsOf(name, changes).length <= 1;
  if (changes.length > 0)
    await wholly(connector, { offsets: changes }, isOneWrite, () => offsets.write(name, changes));
  return isAll;
}

/**
 * What takes several writes is noted before the first and crossed out after the last: a worker that was killed between
 * them does them all again when it starts, so that no offsets are left between old and new.
 */
async function wholly(
  { name, ports }: StoppedConnector,
  wanted: ConnectorOffsets,
  isOneWrite: boolean,
  write: () => Promise<void>,
): Promise<void> {
  const { configs, log } = ports;
  // One write too, when an earlier alteration failed: that must not be done again after it.
  if (isOneWrite && !configs.alterations().has(name)) {
    await write();
    return;
  }
  const isNoted = await configs.putAlteration(name, wanted);
  if (!isNoted) {
    log.warn({ connector: name }, 'so many offsets are altered that a crash may leave some undone');
    if (configs.alterations().has(name)) await configs.endAlteration(name);
  }
  await write();
  if (isNoted) await crossOut(name, ports);
}

/** Alterations that were noted and not crossed out, before their connectors start. */
export async function finishAlterations(ports: ConnectorPorts, signal: AbortSignal): Promise<void> {
  const { clock, configs, log } = ports;
  const limits = {
    clock,
    stage: 'end of the alteration of offsets',
    limitMs: OFFSETS_READ_MS_MAX,
    graceMs: () => 0,
    signal,
  };
  for (const [name, wanted] of [...configs.alterations()]) {
    const stored = configs.find(name);
    if (stored?.targetState !== 'STOPPED') continue;
    const connector = { name, config: stored.config, ports };
    try {
      await callWithLimit(limits, () => writeAgain(connector, wanted));
      await crossOut(name, ports);
      log.info({ connector: name }, 'the alteration of offsets that a crash had cut off is done');
    } catch (error) {
      signal.throwIfAborted();
      log.warn(
        { connector: name, err: error },
        'offsets may be altered in part; alter or reset them before the connector is resumed',
      );
    }
  }
}

async function writeAgain(connector: StoppedConnector, wanted: ConnectorOffsets): Promise<void> {
  const { name } = connector;
  if (pluginOf(connector)?.kind === 'sink') {
    await withOwnClients(connector, async (client) => {
      const changes = await sinkChanges(name, wanted, client);
      await alterGroup(groupOf(connector), changes, client);
    });
    return;
  }
  const offsets = await offsetsOf(connector);
  await offsets.write(name, sourceChanges(wanted));
}

async function crossOut(name: string, { configs, log }: ConnectorPorts): Promise<void> {
  await configs.endAlteration(name).catch((error: unknown) => {
    log.warn({ connector: name, err: error }, 'offsets are altered; a restart does so once more');
  });
}

function askSink(
  connector: StoppedConnector,
  plugin: SinkConnector,
  changes: readonly AlteredSinkOffset[],
): Promise<boolean> {
  return ask(connector, plugin.alterOffsets?.bind(plugin), changes);
}

async function ask<T>(
  { name, config, ports }: StoppedConnector,
  alter:
    | ((config: ConnectorConfig, changes: readonly T[], signal: AbortSignal) => Promise<boolean>)
    | undefined,
  changes: readonly T[],
): Promise<boolean> {
  if (alter === undefined) return false;
  const { clock, worker } = ports;
  const limits = {
    clock,
    stage: 'alterOffsets of the connector',
    limitMs: worker.fields['connector.call.timeout.ms'],
    graceMs: () => 0,
    signal: new AbortController().signal,
  };
  const { config: resolved } = await ports.resolve(config);
  try {
    return await callWithLimit(limits, (signal) => alter(resolved, changes, signal));
  } catch (error) {
    const redact = connectorRedactor(
      { plugin: pluginOf({ name, config, ports }), resolved, stored: config },
      ports,
    );
    throw offsetsRefused(name, error, redact);
  }
}

function pluginOf({
  config,
  ports,
}: StoppedConnector): SourceConnector | SinkConnector | undefined {
  return ports.registry.findConnector(
    config['connector.class'] ?? '',
    config['connector.plugin.version'],
  );
}

function groupOf({ name, config }: StoppedConnector): string {
  return consumerGroupOf(name, config);
}

/** In Connect's words: who has positions outside must know that these are still what they were. */
function told(what: 'altered' | 'reset', isAll: boolean): Message {
  return {
    message: isAll
      ? `The offsets for this connector have been ${what} successfully`
      : `The Connect framework-managed offsets for this connector have been ${what} successfully. However, if this connector manages offsets externally, they will need to be manually ${what} in the system that the connector uses.`,
  };
}

/** @throws MillraceError `connect.bad_request` unless there is something to alter */
export function refuseEmpty({ offsets }: ConnectorOffsets): void {
  if (offsets.length === 0)
    throw badRequest('Partitions / offsets need to be provided for an alter offsets request');
}
