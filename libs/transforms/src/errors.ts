import { MillraceError } from '@millrace/foundation';

/** The record is not of the kind that the transform works on. */
export function unsuitableRecord(message: string): MillraceError {
  return new MillraceError({
    code: 'transform.unsuitable_record',
    retry: 'fatal',
    message,
    hint: 'apply the transform only where it fits with a predicate, or skip such records with errors.tolerance=all',
  });
}

/** The transform's configuration contradicts itself. */
export function badSettings(message: string): MillraceError {
  return new MillraceError({ code: 'transform.bad_settings', retry: 'fatal', message });
}

/** The script threw, ran into a limit, or returned what is no record. */
export function scriptFailed(message: string): MillraceError {
  return new MillraceError({
    code: 'transform.script_failed',
    retry: 'fatal',
    message: `the script failed: ${message}`,
    hint: 'mend the script, or skip such records with errors.tolerance=all',
  });
}
