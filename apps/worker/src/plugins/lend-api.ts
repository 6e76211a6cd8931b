import { register } from 'node:module';

let isLent = false;

/** From now on a plugin without its own `@millrace/connector-api` gets the worker's, in this thread. */
export function lendApi(): void {
  if (isLent) return;
  isLent = true;
  register('./api-hooks.js', import.meta.url);
}
