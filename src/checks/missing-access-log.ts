import type { Evidence } from '../evidence/evidence.ts';
import { switchOn } from '../evidence/switch-on-access-log.ts';
import { skipped, type Verdict } from './check.ts';

/** The verdict of a check that needs the gateway's access log when it shows no request; null when it shows one. */
export function missingAccessLog({ accessLogMissing }: Evidence): Verdict | null {
  if (accessLogMissing === undefined) return null;
  const { reason, detail } = accessLogMissing;
  return skipped(`Not seen: the gateway's access log shows no request (${detail}). ${switchOn[reason]}`);
}
