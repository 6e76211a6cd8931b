import { LIST_OF, type TemplateFile, type TemplateOptions } from './template.ts';

/** What every kind of package has beside its code. */
export function packageFiles({ name, kind, version }: TemplateOptions): readonly TemplateFile[] {
  const api = `^${version}`;
  const manifest = {
    name: name.package,
    version: '0.1.0',
    description: `A ${kind} for Millrace`,
    keywords: ['millrace', 'kafka-connect'],
    type: 'module',
    engines: { node: '>=20.19' },
    exports: './dist/src/index.js',
    types: './dist/src/index.d.ts',
    files: ['dist/src', 'example'],
    millrace: { api: 1, [LIST_OF[kind]]: [name.identifier] },
    scripts: {
      build: 'tsc -p .',
      test: 'tsc -p . && node --test dist/test/contract.test.js',
      check: 'millrace plugin check .',
    },
    peerDependencies: { '@millrace/connector-api': api },
    devDependencies: {
      '@millrace/connector-api': api,
      '@millrace/testkit': api,
      '@types/node': '^20.19.0',
      typescript: '>=5.7',
    },
  };
  const compiler = {
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      declaration: true,
      rootDir: '.',
      outDir: 'dist',
    },
    include: ['src', 'test'],
  };
  return [
    ['package.json', json(manifest)],
    ['tsconfig.json', json(compiler)],
    ['.gitignore', 'node_modules/\ndist/\n'],
    ['src/index.ts', `export { ${name.identifier} } from './${kind}.js';\n`],
  ];
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** How to go on, the same in each README. */
export function developing({ name }: TemplateOptions): string {
  return `## Working on it

\`\`\`sh
npm install
npm test                      # builds, and runs the contract suite of @millrace/testkit
npx millrace plugin check .   # loads it as a worker would, and names what is wrong
npx millrace start --set plugin.path=$PWD example/connector.json
\`\`\`

The worker finds the package in \`plugin.path\`, or in the \`node_modules\` of the folder in which it is started
(\`npm install ${name.package}\`). \`millrace plugin list\` shows it, with what could not be loaded.
`;
}
