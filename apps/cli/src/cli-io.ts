/** What a command needs of its process. */
export interface CliIo {
  /** One line for standard output: what was asked for. */
  readonly out: (text: string) => void;
  /** One line for standard error. */
  readonly error: (text: string) => void;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
}
