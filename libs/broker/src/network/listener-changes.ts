import { describeError } from '@millrace/foundation';
import type { ConfigOverrides } from '../metadata/metadata-image.ts';
import type { Security } from '../security/security.ts';
import type { ListenerSettings } from './listeners.ts';
import type { ListenerEntry, NetworkServer } from './network-server.ts';

/** Keys that open and close listeners while the broker runs. */
const KEYS = ['listeners', 'listener.security.protocol.map'] as const;

/** Listeners that are open already; exactly one of the two is to be called, once. */
export interface PreparedListeners {
  /** The change is durable: those that it leaves out are closed. */
  readonly commit: () => void;
  /** It could not be stored: those that it brought are closed again. */
  readonly undo: () => void;
}

export interface ListenerChangesOptions {
  readonly network: NetworkServer;
  readonly security: Security;
  /** The settings of this broker that were changed while it ran, as they are. */
  readonly current: () => ConfigOverrides;
  /** Throws with what is wrong. */
  readonly resolve: (dynamic: ConfigOverrides) => readonly ListenerSettings[];
  readonly onChanged: (listeners: readonly ListenerEntry[]) => void;
}

interface Plan {
  readonly added: readonly ListenerSettings[];
  readonly removed: readonly ListenerEntry[];
}

/**
 * Changes of `listeners` while the broker runs. New ones are opened before the change is stored, so that an address
 * that can't be had is refused and not found out at the next start; old ones are closed after it.
 */
export class ListenerChanges {
  readonly #options: ListenerChangesOptions;
  /** Until the change before this one is through. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ListenerChangesOptions) {
    this.#options = options;
  }

  concerns(planned: ConfigOverrides): boolean {
    const current = this.#options.current();
    return KEYS.some((key) => planned[key] !== current[key]);
  }

  /** What is wrong with such settings, as far as it can be told without opening anything. */
  findProblem(planned: ConfigOverrides): string | undefined {
    const plan = this.#planFor(planned);
    return typeof plan === 'string' ? plan : undefined;
  }

  /** Opens what is new; or says why the change can't be. */
  async prepare(planned: ConfigOverrides): Promise<PreparedListeners | string> {
    const before = this.#turn;
    let done = (): void => undefined;
    this.#turn = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    const prepared = await this.#open(planned);
    if (typeof prepared === 'string') {
      done();
      return prepared;
    }
    const { commit, undo } = prepared;
    return {
      commit: () => {
        commit();
        done();
      },
      undo: () => {
        undo();
        done();
      },
    };
  }

  #planFor(planned: ConfigOverrides): Plan | string {
    let wanted: readonly ListenerSettings[];
    try {
      wanted = this.#options.resolve(planned);
    } catch (error) {
      return describeError(error);
    }
    const { listeners } = this.#options.network;
    for (const { settings } of listeners) {
      const other = wanted.find(({ name }) => name === settings.name);
      if (other !== undefined && other.protocol !== settings.protocol)
        return `The security protocol of listener ${settings.name} can't be changed while it is open.`;
    }
    const isOpen = (each: ListenerSettings): boolean =>
      listeners.some((open) => isSame(open, each));
    return {
      added: wanted.filter((each) => !isOpen(each)),
      removed: listeners.filter((open) => !wanted.some((each) => isSame(open, each))),
    };
  }

  async #open(planned: ConfigOverrides): Promise<PreparedListeners | string> {
    const { network, security, onChanged } = this.#options;
    const plan = this.#planFor(planned);
    if (typeof plan === 'string') return plan;
    const { added, removed } = plan;
    const opened: ListenerEntry[] = [];
    const leave = (entries: readonly ListenerEntry[]): void => {
      for (const { index } of entries) network.remove(index);
      const { listeners } = network;
      security.keepOnly(listeners.map(({ settings }) => settings));
      onChanged(listeners);
    };
    const undo = (): void => leave(opened);
    try {
      await security.add(added);
      for (const settings of added)
        opened.push(await network.add(settings, security.tls.get(settings.name)));
    } catch (error) {
      undo();
      return describeError(error);
    }
    onChanged(network.listeners);
    return { commit: () => leave(removed), undo };
  }
}

/** Port 0 is whichever it was given. */
function isSame({ settings, address }: ListenerEntry, other: ListenerSettings): boolean {
  return (
    settings.name === other.name &&
    settings.host === other.host &&
    (settings.port === other.port || address.port === other.port)
  );
}
