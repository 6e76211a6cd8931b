export const USAGE = `millrace - Kafka Connect and a Kafka-protocol log in one process

  millrace start [--config FILE] [--set KEY=VALUE ...] [CONNECTOR-FILE ...]
      Runs a worker until SIGTERM or Ctrl-C. FILE has Kafka Connect's worker keys, and broker keys
      under "broker."; it, and connector files, are .properties, .json or .yaml. Later wins: FILE,
      environment variables (MILLRACE_DATA_DIR is data.dir), --set. Connectors named by
      CONNECTOR-FILE are created, or updated if they exist. Without bootstrap.servers the
      embedded log is used.

Commands for a running worker; --url URL names it (default http://127.0.0.1:8083), --json prints
its answer as it is:

  millrace connectors               all connectors and the state of their tasks
  millrace status NAME              state, with the trace of what has failed
  millrace config NAME              configuration
  millrace create FILE ...          creates connectors
  millrace apply FILE ...           creates connectors, or updates those that exist
  millrace validate FILE ...        checks connector files and changes nothing
  millrace delete NAME ...
  millrace pause NAME ...           millrace resume NAME ...
  millrace stop NAME ...            ends the tasks; offsets may then be changed
  millrace restart NAME ...         with all tasks; --failed: only what has failed
  millrace offsets NAME             how far it has come
  millrace plugins                  connectors that can be used
  millrace health

  millrace --version   millrace --help

Exit codes: 0 done, 1 failed, 2 bad usage or configuration (every problem is listed).`;
