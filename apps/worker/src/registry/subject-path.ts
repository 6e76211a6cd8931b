import {
  contextPrefix,
  isDefaultContext,
  normalizeSubject,
  type RegistryQueries,
} from '@millrace/schema-registry';

/** The subject that is meant: its alias (PUT /config with `alias`), if it has one. */
export function meantSubject(queries: RegistryQueries, subject: string): string {
  const normalized = normalizeSubject(subject);
  const alias = queries.config(normalized)?.alias;
  return alias === undefined || alias === '' ? normalized : queries.qualify(normalized, alias);
}

/** What configuration and mode are set for: null for everything. */
export function scopeOf(subject: string): string | null {
  return isDefaultContext(subject) ? null : normalizeSubject(subject);
}

const SUBJECT_ROOTS = ['subjects', 'config', 'mode'];

/**
 * `/contexts/:.context:/subjects/x` means the subject `:.context:x`: the context goes into each subject of the path or
 * of the query, as Confluent's context filter does it.
 */
export function withoutContextPath(url: string): string {
  const [path, query] = splitOnce(url, '?');
  const [, root, context, ...rest] = path.split('/');
  if (root !== 'contexts' || context === undefined || context === '' || rest.length === 0)
    return url;
  const prefix = prefixOf(decode(context));
  const parts = rest.filter((part, index) => part !== '' || index < rest.length - 1);
  const first = parts[0] ?? '';
  const at = parts.findIndex((part, index) =>
    part === 'subjects' ? true : index === 0 && SUBJECT_ROOTS.includes(part),
  );
  const subject = at < 0 ? undefined : parts[at + 1];
  if (subject !== undefined) parts[at + 1] = encodeURIComponent(qualified(prefix, decode(subject)));
  else if ((first === 'config' || first === 'mode') && prefix !== '')
    parts.push(encodeURIComponent(prefix));
  const parameters = new URLSearchParams(query);
  const [listed, second] = parts;
  if (listed === 'schemas' && second === 'ids')
    parameters.set('subject', qualified(prefix, parameters.get('subject') ?? ''));
  else if (parts.length === 1 && (listed === 'schemas' || listed === 'subjects'))
    parameters.set('subjectPrefix', qualified(prefix, parameters.get('subjectPrefix') ?? ''));
  const rebuilt = parameters.toString();
  return `/${parts.join('/')}${rebuilt === '' ? '' : `?${rebuilt}`}`;
}

function qualified(prefix: string, subject: string): string {
  return subject.startsWith(':.') || subject.startsWith(':*:') ? subject : prefix + subject;
}

/** A context may be given as `:.x:`, `.x` or `x`. */
function prefixOf(text: string): string {
  const bare = text.replace(/^:/, '').replace(/:$/, '');
  return contextPrefix(bare.startsWith('.') ? bare : `.${bare}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // not encoded as it should be: taken as it is
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
