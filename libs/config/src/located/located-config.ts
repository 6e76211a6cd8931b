import { configFormatOf } from '../files.ts';
import { locateJson } from './json-locations.ts';
import { locateProperties } from './properties-locations.ts';
import { locateYaml } from './yaml-locations.ts';

/** One value of a file, with where its key stands. */
export interface LocatedValue {
  /** From the outermost key inwards; a dotted key is one element. */
  readonly path: readonly string[];
  /** A scalar, or a list. */
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
}

export interface FileProblem {
  /** `duplicate`: the file can be read, but one of two values is lost. */
  readonly kind: 'syntax' | 'duplicate';
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface LocatedConfig {
  /** In the order of the file. Of a key that is there twice the last one, as for every reader of such files. */
  readonly values: readonly LocatedValue[];
  /** Lines of keys that hold further keys, such as `config`, by their joined path. */
  readonly sections: ReadonlyMap<string, number>;
  /** What keeps the file from being read, or is lost when it is: syntax, keys that are there twice. */
  readonly problems: readonly FileProblem[];
}

/** The values of a `.properties`, JSON or YAML document with their lines; all problems, never a throw. */
export function locateConfig(fileName: string, content: string): LocatedConfig {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content;
  switch (configFormatOf(fileName)) {
    case 'json':
      return locateJson(text);
    case 'yaml':
      return locateYaml(text);
    case 'properties':
      return locateProperties(text);
  }
}
