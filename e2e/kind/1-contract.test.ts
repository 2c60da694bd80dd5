import { inject, test } from 'vitest';
import { environmentContract } from '../../src/environment/environment.contract.ts';
import { startKindSubject } from './kind-subject.ts';

const reason = inject('whyNoKind');
if (reason === null) environmentContract('kind', startKindSubject);
else {
  test('environment contract: kind', (context) => {
    context.skip(reason);
  });
}
