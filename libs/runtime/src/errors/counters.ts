/** The figures of Connect's task-error-metrics. */
export interface ErrorCounters {
  recordFailures: number;
  recordErrors: number;
  recordsSkipped: number;
  retries: number;
  errorsLogged: number;
  deadLetterRequests: number;
  deadLetterFailures: number;
  lastErrorMs: number;
}

export function newErrorCounters(): ErrorCounters {
  return {
    recordFailures: 0,
    recordErrors: 0,
    recordsSkipped: 0,
    retries: 0,
    errorsLogged: 0,
    deadLetterRequests: 0,
    deadLetterFailures: 0,
    lastErrorMs: 0,
  };
}
