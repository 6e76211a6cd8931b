/** A subject may carry its context: `:.context:subject`. Ids are unique within a context. */
export interface QualifiedSubject {
  /** With its leading dot; `.` is the default one. */
  readonly context: string;
  readonly subject: string;
}

export const DEFAULT_CONTEXT = '.';
/** Configuration and mode of everything that has none nearer. */
export const GLOBAL_CONTEXT = '.__GLOBAL';
/** Subjects of all contexts. */
export const ALL_CONTEXTS = ':*:';

const RESERVED_SUBJECTS = ['__GLOBAL', '__EMPTY'];

export function splitSubject(qualified: string): QualifiedSubject {
  if (qualified.startsWith(':.')) {
    const end = qualified.indexOf(':', 2);
    if (end < 0) return { context: qualified.slice(1), subject: '' };
    return { context: qualified.slice(1, end), subject: qualified.slice(end + 1) };
  }
  if (qualified.startsWith(ALL_CONTEXTS))
    return { context: '*', subject: qualified.slice(ALL_CONTEXTS.length) };
  return { context: DEFAULT_CONTEXT, subject: qualified };
}

export function joinSubject({ context, subject }: QualifiedSubject): string {
  return contextPrefix(context) + subject;
}

/** `:.context:`, or nothing for the default one. */
export function contextPrefix(context: string): string {
  return context === DEFAULT_CONTEXT ? '' : `:${context}:`;
}

export function contextOf(qualified: string): string {
  return splitSubject(qualified).context;
}

/** One way to write each subject: `:.:subject` is `subject`. */
export function normalizeSubject(qualified: string): string {
  return joinSubject(splitSubject(qualified));
}

export function isDefaultContext(qualified: string): boolean {
  const { context, subject } = splitSubject(qualified);
  return context === DEFAULT_CONTEXT && subject === '';
}

/** A reference without a context means that of the schema which refers. */
export function qualifyWithParent(parent: string, subject: string): string {
  const qualified = splitSubject(subject);
  if (qualified.context !== DEFAULT_CONTEXT) return joinSubject(qualified);
  return joinSubject({ context: contextOf(parent), subject });
}

/** Whether what is said of `scope` (a subject, or a context without one) is said of the subject. */
export function isWithin(scope: string, subject: string): boolean {
  if (scope === subject) return true;
  const { context, subject: own } = splitSubject(scope);
  return own === '' && (context === GLOBAL_CONTEXT || context === contextOf(subject));
}

export function isValidSubject(qualified: string, isConfigOrMode = false): boolean {
  if (/[\u0000-\u001f\u007f-\u009f]/.test(qualified)) return false;
  const { context, subject } = splitSubject(qualified);
  if (RESERVED_SUBJECTS.includes(subject)) return false;
  return isConfigOrMode || context !== GLOBAL_CONTEXT;
}
