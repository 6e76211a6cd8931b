import type { CreateConnector } from '@millrace/runtime';
import { readText } from './config.ts';
import { badConnectorFile } from './errors.ts';
import { readDocument } from './files/connector-document.ts';

/**
 * The connector of a file, whose problems it names with their lines. A key that is there twice counts as its last
 * value, as in Connect; `millrace validate` tells.
 * @throws MillraceError `cli.bad_connector_file`
 */
export function parseConnectorFile(fileName: string, content: string): CreateConnector {
  const { connector, problems } = readDocument(fileName, content);
  const fatal = problems.filter(({ isLoss }) => !isLoss);
  if (connector !== undefined && fatal.length === 0) return connector;
  throw badConnectorFile(
    fileName,
    fatal.map(({ line, message }) => `line ${line}: ${message}`).join('; '),
  );
}

/** @throws MillraceError as `parseConnectorFile`, or `cli.unreadable_file` */
export function readConnectorFile(fileName: string): CreateConnector {
  return parseConnectorFile(fileName, readText(fileName));
}
