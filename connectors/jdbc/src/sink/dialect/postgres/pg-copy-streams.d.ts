declare module 'pg-copy-streams' {
  import type { Writable, WritableOptions } from 'node:stream';
  import type { Submittable } from 'pg';

  export function from(sql: string, options?: WritableOptions): Writable & Submittable;
}
