import { fatalError, type MillraceError } from '@millrace/connector-api';

export function notJson(): MillraceError {
  return fatalError('planted.not_text', 'it is no text');
}
