import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { ConnectorDocument } from '../files/connector-document.ts';
import { isFolder, readFilesOf } from '../files/connector-folder.ts';
import {
  documentProblems,
  hasErrors,
  offlineProblems,
  onlineProblems,
  problemLine,
  sameNames,
  sorted,
  type FileProblem,
} from '../files/file-problems.ts';
import { missingProviders } from '../declarative/placeholder-check.ts';
import type { Call, Command } from './command.ts';

async function validate(call: Call): Promise<ExitCode> {
  const { io, operands, options } = call;
  const documents = readFilesOf(operands);
  const problems = sorted([
    ...documentProblems(documents),
    // Single files may be alternatives; those of a folder are applied together.
    ...(operands.some(isFolder) ? sameNames(documents) : []),
    ...(await offlineProblems(documents, options['plugin-path'])),
    ...(options.online === true ? await askWorker(call, documents) : []),
  ]);
  const isValid = !hasErrors(problems);
  if (options.json === true)
    io.out(JSON.stringify({ valid: isValid, files: documents.length, problems }, null, 2));
  else {
    for (const problem of problems) io.error(problemLine(problem));
    io.out(verdict(documents, problems));
  }
  return isValid ? EXIT.done : EXIT.refused;
}

async function askWorker(
  { rest }: Call,
  documents: readonly ConnectorDocument[],
): Promise<readonly FileProblem[]> {
  const problems: FileProblem[] = [...(await missingProviders(rest, documents))];
  for (const document of documents)
    if (document.connector !== undefined) problems.push(...(await onlineProblems(rest, document)));
  return problems;
}

function verdict(
  documents: readonly ConnectorDocument[],
  problems: readonly FileProblem[],
): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const files = documents.length === 1 ? '1 file' : `${documents.length} files`;
  if (problems.length === 0) return `${files}: valid`;
  return `${files}: errors: ${errors}, warnings: ${problems.length - errors}`;
}

export const validateCommand: Command = {
  name: 'validate',
  operands: 'FILE|DIR ...',
  least: 1,
  most: Infinity,
  summary: 'names every problem of connector files, with file and line',
  details: `Needs no worker and connects to nothing: syntax, keys with the nearest known one, values, rules across keys.
Values with placeholders are not judged. With --online the worker checks too: its plugins, what placeholders stand
for, and whether databases can be reached. Changes nothing.`,
  options: ['plugin-path', 'online', 'url', 'user', 'token', 'ca', 'json'],
  run: validate,
};
