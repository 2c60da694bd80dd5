import { actionNames } from '../evidence/action-names.ts';
import type { Evidence } from '../evidence/evidence.ts';

/** When the scenario applied the Issuer, or null if the evidence has no such action. */
export function issuerAppliedAt(evidence: Evidence): string | null {
  return (
    evidence.actions.find((action) => action.name === actionNames.apply && action.detail.startsWith('Issuer/'))?.at ??
    null
  );
}

/** When the scenario created the IngressClass, or null if it never did. */
export function ingressClassCreatedAt(evidence: Evidence): string | null {
  return evidence.actions.find((action) => action.name === actionNames.createIngressClass)?.at ?? null;
}

/** Whether a time lies before a moment; without a moment every time does. */
export function isBefore(at: string, moment: string | null): boolean {
  return moment === null || Date.parse(at) < Date.parse(moment);
}
