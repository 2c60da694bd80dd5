import { diagnose } from '../../diagnosis/diagnose.ts';
import type { ObjectReference } from '../../evidence/evidence.ts';
import type { TraceRequest } from '../../trace/gather.ts';
import { openSavedTrace } from '../../trace/saved-trace.ts';
import { isGoodRule, traceJson, traceText } from '../../trace/trace-text.ts';
import { walk } from '../../trace/walk.ts';
import { UserError } from '../../user-error.ts';
import { rootsIn } from '../options/roots-in.ts';
import type { CommandContext } from './command-context.ts';

interface TraceSavedOptions {
  readonly caBundle?: string | undefined;
  /** The formats of the gateway's access log that the user gave. */
  readonly accessLogFormats?: TraceRequest['accessLogFormats'];
  readonly json: boolean;
}

interface TraceAllSavedOptions extends TraceSavedOptions {
  readonly bundle?: string | undefined;
}

interface TraceSavedRequest extends TraceSavedOptions {
  /** A bundle, a report or a file of evidence. */
  readonly from: string;
  /** Absent for all. */
  readonly certificate?: ObjectReference;
}

/** `padlock trace --bundle DIR` @throws UserError (2) without --bundle */
export async function traceAllSaved(
  { bundle: from, ...options }: TraceAllSavedOptions,
  context: Pick<CommandContext, 'signal'>,
): Promise<number> {
  if (from !== undefined) return await traceSaved({ ...options, from }, context);
  throw new UserError(
    "Name what to trace: 'padlock trace certificate NAME -n NAMESPACE' for a cluster, or 'padlock trace --bundle DIR' for a bundle.",
  );
}

/**
 * Traces Certificates in what was saved of a cluster, without asking any cluster.
 *
 * @returns 0 if nothing is wrong, 1 if a Certificate is not issued or not served, 4 if there is none
 * @throws UserError (2) for what is no bundle or of another version, and for a Certificate that is not in it
 */
export async function traceSaved(
  { from, certificate, caBundle, accessLogFormats = [], json }: TraceSavedRequest,
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<number> {
  const saved = await openSavedTrace(from, { caRoots: await rootsIn(caBundle), accessLogFormats, signal });
  const certificates = certificate === undefined ? saved.certificates : [certificate];
  if (certificates.length === 0) {
    process.stderr.write(`No Certificate is in ${from}.\n`);
    return 4;
  }
  let isGood = true;
  for (const [index, each] of certificates.entries()) {
    const input = await saved.read(each);
    const [diagnosis, stations] = [diagnose(input), walk(input)];
    isGood &&= isGoodRule(diagnosis.rule);
    const indentation = certificate === undefined ? 0 : 2;
    if (json) process.stdout.write(traceJson(each, new Date(), { stations, diagnosis }, indentation));
    else process.stdout.write(`${index === 0 ? '' : '\n'}${traceText(stations, diagnosis)}`);
  }
  return isGood ? 0 : 1;
}
