import { type PublishedSchema, published } from '../report/json-schema.ts';
import { checksProofSchema, checksProofSchemaVersion } from './checks-proof.ts';

/** The JSON Schema of proof.json and of `padlock doctor --prove --json`. */
export function publishedProof(): PublishedSchema {
  return published('proof', checksProofSchemaVersion, 'Proof that the checks of Padlock turn red', checksProofSchema);
}
