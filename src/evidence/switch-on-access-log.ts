/** Why a gateway's access log shows no request. */
export type MissingLogReason = 'off' | 'elsewhere' | 'unreadable' | 'unknown';

/** What to do where the gateway's access log shows no request, a sentence each. */
export const switchOn: Readonly<Record<MissingLogReason, string>> = {
  off: 'Set meshConfig.accessLogFile to /dev/stdout, or add a Telemetry with accessLogging for the gateway.',
  elsewhere: "Add a second access log on /dev/stdout: a Telemetry with the provider envoy for the gateway's Pods.",
  unreadable: "Give the log's format with --access-log-format, or the keys of its JSON with --access-log-field.",
  unknown: 'Set meshConfig.accessLogFile to /dev/stdout, or add a Telemetry with accessLogging for the gateway.',
};
