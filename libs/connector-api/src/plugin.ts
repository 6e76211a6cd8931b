import type { ConfigProblem, Fields } from '@millrace/config';

/** Configuration as a component receives it: flat text, placeholders already replaced. */
export type ComponentConfig = Readonly<Record<string, string>>;

/** What every pluggable component says of itself. */
export interface Plugin {
  /** Short name users may write, such as `postgres` or `file-sink`. */
  readonly name: string;
  /** The Java class names that it stands in for; simple names and those without their suffix are derived. */
  readonly javaClasses: readonly string[];
  readonly version: string;
  /** Its own fields; the framework adds those that are common to all. */
  readonly fields: Fields;
}

/** Checks beyond single fields: rules across fields, and whether the outside world is as needed. */
export interface ConfigValidation {
  /** The rules across fields that `validate` begins with, for checks of a file: pure, without any I/O. */
  rules?(config: ComponentConfig): readonly ConfigProblem[];
  /**
   * Names every problem at once. May connect to the outside, but ends when `signal` is aborted, changes nothing,
   * and never throws for what a user can mend. Called only when all fields are valid by themselves.
   */
  validate?(config: ComponentConfig, signal: AbortSignal): Promise<readonly ConfigProblem[]>;
}
