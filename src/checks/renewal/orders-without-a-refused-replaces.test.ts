import type { Evidence } from '../../evidence/evidence.ts';
import { after, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { renewalInformationEvidence } from '../testing/renewal-evidence-fixture.ts';
import { ordersWithoutARefusedReplaces } from './orders-without-a-refused-replaces.ts';

/** A third Order names what the second one has replaced; the CA was asked four times. */
async function restoredEvidence(): Promise<Evidence> {
  const evidence = await renewalInformationEvidence();
  const third = structuredClone(recorded(evidence, 'Order', 1));
  third.name = 'third-order';
  third.uid = 'third-order-uid';
  for (const state of third.states) state.at = after(40);
  evidence.objects.push(third);
  const line = (at: number, words: string) => ({ at: after(at), line: `Pebble 2026/11/24 09:00:00 ${words}` });
  for (const at of [1, 28, 40, 41]) evidence.ca.log.push(line(at, 'POST /order-plz -> calling handler()'));
  for (const at of [1, 28, 41]) evidence.ca.log.push(line(at, 'Added order "x" to the db'));
  return evidence;
}

describeCheck(
  ordersWithoutARefusedReplaces,
  restoredEvidence,
  [ordersWithoutARefusedReplaces],
  [
    {
      name: 'only one Order names a certificate',
      mutate: (evidence) => put(recorded(evidence, 'Order', 2), ['spec', 'replaces'], undefined),
      says: ['by two Orders', 'replaces'],
    },
    {
      name: 'each names another one',
      mutate: (evidence) => put(recorded(evidence, 'Order', 2), ['spec', 'replaces'], 'AAAA.BBBB'),
      says: ['by two Orders', 'AAAA.BBBB'],
    },
    {
      name: 'cert-manager gave up',
      mutate(evidence) {
        put(recorded(evidence, 'Order', 2), ['status', 'state'], 'errored');
        put(recorded(evidence, 'Order', 2), ['status', 'reason'], 'Failed to create Order: 409 alreadyReplaced');
      },
      says: ['but is errored', '409 alreadyReplaced'],
    },
    {
      name: 'the CA took a second replacement',
      mutate: (evidence) =>
        void evidence.ca.log.push({ at: after(40), line: 'ARI: order "c" is a replacement of "a"' }),
      says: ['shows 2 replacement(s)'],
    },
    {
      name: 'the field was not sent again',
      mutate(evidence) {
        const last = evidence.ca.log.findLastIndex(({ line }) => line.includes('POST /order-plz'));
        evidence.ca.log.splice(last, 1);
      },
      says: ['3 request(s) for an order and made 3'],
    },
  ],
);
