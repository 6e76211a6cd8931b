#!/usr/bin/env node
/** Writes src/generated from schemas/. With --check writes nothing, and fails when that is stale. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { emitFile, emitRegistry } from './emit.mjs';
import { parseSchema } from './parse-schema.mjs';

const schemasUrl = new URL('../schemas/', import.meta.url);
const outputUrl = new URL('../src/generated/', import.meta.url);

const files = readdirSync(schemasUrl)
  .filter((name) => name.endsWith('.schema'))
  .sort()
  .map((source) => ({
    source,
    definitions: parseSchema(readFileSync(new URL(source, schemasUrl), 'utf8'), source),
  }));

const wanted = new Map(
  files.map(({ source, definitions }) => [
    source.replace('.schema', '.ts'),
    emitFile(definitions, source),
  ]),
);
wanted.set('registry.ts', emitRegistry(files));

mkdirSync(outputUrl, { recursive: true });
const present = readdirSync(outputUrl);
const stale = [
  ...present.filter((name) => !wanted.has(name)),
  ...[...wanted]
    .filter(
      ([name, text]) =>
        !present.includes(name) || readFileSync(new URL(name, outputUrl), 'utf8') !== text,
    )
    .map(([name]) => name),
];

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(
      `stale: ${stale.join(', ')}; run: node libs/kafka-protocol/generator/generate.mjs`,
    );
    process.exitCode = 1;
  }
} else {
  for (const name of stale) {
    const text = wanted.get(name);
    if (text === undefined) rmSync(new URL(name, outputUrl));
    else writeFileSync(new URL(name, outputUrl), text);
  }
}
