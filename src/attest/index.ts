export { attestReports } from './attest.ts';
export { attestConformance, verifyConformance, verifyPublished } from './conformance-attestation.ts';
export { type Envelope, isSignedBy, parseEnvelope, sealEnvelope } from './envelope.ts';
export type { Finding } from './finding.ts';
export { passphraseVariable } from './key-file.ts';
export { attestationName } from './report-files.ts';
export { loadSigningKey, type SigningKey } from './signing-key.ts';
export { loadVerificationKey, type VerificationKey } from './verification-key.ts';
export { type Verification, type VerificationRequest, verifyReport } from './verify-report.ts';
