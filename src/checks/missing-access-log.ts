import type { Evidence } from '../evidence/evidence.ts';
import { skipped, type Verdict } from './check.ts';

const switchOn: Readonly<Record<NonNullable<Evidence['accessLogMissing']>['reason'], string>> = {
  off: 'Set meshConfig.accessLogFile to /dev/stdout, or add a Telemetry with accessLogging for the gateway.',
  elsewhere: "Add a second access log on /dev/stdout: a Telemetry with the provider envoy for the gateway's Pods.",
  unreadable: "Give the log's format with --access-log-format, or the keys of its JSON with --access-log-field.",
  unknown: 'Set meshConfig.accessLogFile to /dev/stdout, or add a Telemetry with accessLogging for the gateway.',
};

/** The verdict of a check that needs the gateway's access log when it shows no request; null when it shows one. */
export function missingAccessLog({ accessLogMissing }: Evidence): Verdict | null {
  if (accessLogMissing === undefined) return null;
  const { reason, detail } = accessLogMissing;
  return skipped(`Not seen: the gateway's access log shows no request (${detail}). ${switchOn[reason]}`);
}
