import { probeNames } from '../../evidence/probe-names.ts';
import { goodPathChecks } from '../all-checks.ts';
import { applicationMutations } from '../testing/application-mutations-fixture.ts';
import { goodEvidence } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { plainHttpAnswers } from './plain-http-answers.ts';

describeCheck(
  plainHttpAnswers,
  goodEvidence,
  goodPathChecks,
  applicationMutations(probeNames.httpApplicationAfter, 'http'),
);
