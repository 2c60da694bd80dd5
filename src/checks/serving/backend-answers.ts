import { probeNames } from '../../evidence/probe-names.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';
import { applicationAnswer } from './application-answer.ts';
import { afterIssuance } from './plain-http-answers.ts';

const overHttps = {
  probe: probeNames.httpsApplication,
  protocol: 'https:',
  port: '443',
  trust: 'ca-roots',
} as const;

/** The goal of the use case: a client that trusts the CA's roots reaches the application. */
export const backendAnswers: Check = {
  id: 'backend-answers',
  asserts: 'The application answers through the gateway over HTTPS, with HTTP/2 negotiated by ALPN.',
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const answers = [
      applicationAnswer(evidence, overHttps, '2'),
      // Before version 3, this check judged plain HTTP too; now plain HTTP has its own checks.
      ...(evidence.schemaVersion < 3 ? [applicationAnswer(evidence, afterIssuance, null)] : []),
    ];
    const defects = answers.flatMap((answer) => ('defect' in answer ? answer.defect : []));
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(answers.flatMap((answer) => ('seen' in answer ? answer.seen : [])).join(' '));
  },
};
