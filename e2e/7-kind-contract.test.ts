import { test } from 'vitest';
import { environmentContract } from '../src/environment/environment.contract.ts';
import { startKindSubject, whyNoKind } from './kind-subject.ts';

const reason = whyNoKind();
if (reason === null) environmentContract('kind', startKindSubject);
else {
  test('environment contract: kind', (context) => {
    context.skip(reason);
  });
}
