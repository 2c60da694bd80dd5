import type { Refusal } from '../evidence/evidence.ts';
import { condition, text } from './recorded-object.ts';

/**
 * The words with which an object says that it was refused: an Issuer that is not Ready, a Certificate whose issuance failed, an
 * Event of an Order. Null if it does not say so.
 */
export function refusalIn(by: Refusal['by'], object: unknown): string | null {
  if (by === 'Event') {
    if (text(object, 'involvedObject', 'kind') !== 'Order') return null;
    return `${text(object, 'reason') ?? ''}: ${text(object, 'message') ?? ''}`;
  }
  const found = condition(object, by === 'Certificate' ? 'Issuing' : 'Ready');
  if (found?.status !== 'False') return null;
  if (by === 'Certificate' && found.reason !== 'Failed') return null;
  return `${found.reason}: ${found.message}`;
}
