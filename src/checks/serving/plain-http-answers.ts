import { probeNames } from '../../evidence/probe-names.ts';
import { type Check, failed, passed } from '../check.ts';
import { applicationAnswer } from './application-answer.ts';

/** The probe of plain HTTP after the issuance. */
export const afterIssuance = {
  probe: probeNames.httpApplicationAfter,
  protocol: 'http:',
  port: '80',
  trust: 'none',
} as const;

/** The issuance must not change what port 80 does. For a scenario that expects `http: 'answers'`. */
export const plainHttpAnswers: Check = {
  id: 'plain-http-answers',
  asserts: 'The application still answers through the gateway over plain HTTP on port 80.',
  judge(evidence) {
    const answer = applicationAnswer(evidence, afterIssuance, null);
    return 'defect' in answer ? failed(answer.defect) : passed(answer.seen);
  },
};
