import type { LendsMemory } from '@millrace/kafka-client';
import type { ClientSession } from '../security/client-session.ts';
import type { Frame } from './frame-splitter.ts';

/** Who asks. */
export interface ConnectionContext {
  /** As Kafka shows it in group descriptions: `/127.0.0.1`. */
  readonly clientHost: string;
  /** The address of ours that the client connected to. */
  readonly localHost: string;
  /** Which of the listeners the client came by: it is told the addresses of that one. */
  readonly listenerIndex: number;
  /** Who the client has shown to be. */
  readonly session: ClientSession;
  /** Aborted when the connection is gone: nobody waits for answers any more. */
  readonly signal: AbortSignal;
  /** Aborted when a long poll is to answer with what it has; in process alone. */
  readonly hurry?: AbortSignal;
  /** For the records of an answer, which then belong to who asked; in process alone. */
  readonly memory?: LendsMemory;
  /** The batches of a produce request were made by our own producer in this process: their CRC is not checked. */
  readonly trustsBatches?: boolean;
}

export interface Answer {
  /** In order; none when the request has no answer (`acks=0`). */
  readonly chunks: readonly Uint8Array[];
  /** Called once, when the answer has left or never will. */
  readonly onSent?: (() => void) | undefined;
  /** The connection ends once this has left. */
  readonly isLast?: boolean | undefined;
  /** For so long no further request of the connection is begun: its quota is used up. */
  readonly muteMs?: number | undefined;
}

export interface RequestRouter {
  /**
   * Whether nobody reads the bytes of such a request once it is answered: their memory is used again. What handlers
   * keep of one, and what is in its answer, is copied.
   */
  isReleased(apiKey: number): boolean;
  /** Whether the request may run beside others of its connection that are such too. */
  isConcurrent(frame: Frame, context: ConnectionContext): boolean;
  /** Throws for what is no request or is in no version that is served: the connection is closed. */
  route(frame: Frame, context: ConnectionContext): Answer | Promise<Answer>;
}
