import { errorType, inWords, jsonObject, succeeded } from '../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import { type CaCheck, expectThat, failed } from './check.ts';

/**
 * Group 45 of the catalogue: certificate profiles. What draft-ietf-acme-profiles adds to newOrder is judged by what RFC 8555
 * says of newOrder, as the draft is none yet.
 */

const standard = { rfc: 8555, group: 45, profile: 'standard' } as const;

/** The profiles of the directory's meta. @throws UnmetNeed where it has none */
async function advertised(session: AcmeSession): Promise<Readonly<Record<string, unknown>>> {
  const { profiles } = await session.meta();
  if (profiles === undefined) throw new UnmetNeed('the CA advertises no profiles');
  return typeof profiles === 'object' && profiles !== null ? (profiles as Readonly<Record<string, unknown>>) : {};
}

function identifiers(session: AcmeSession, label: string) {
  return [{ type: 'dns', value: session.name(label) }];
}

export const profileChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'profiles-are-described',
    section: '7.1.1',
    level: 'MAY',
    basis: 'statement',
    asserts: 'The profiles of meta are a map of names to descriptions (draft-ietf-acme-profiles).',
    async run(session) {
      const profiles = await advertised(session);
      const names = Object.keys(profiles);
      const right = names.length > 0 && Object.values(profiles).every((description) => typeof description === 'string');
      return expectThat(right, `They are ${JSON.stringify(profiles)}.`);
    },
  },
  {
    ...standard,
    id: 'unknown-profile',
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order with a profile that the CA does not advertise is refused: it cannot be fulfilled as specified.',
    async run(session) {
      await advertised(session);
      await session.order();
      const payload = { identifiers: identifiers(session, 'unknown-profile'), profile: 'padlock-unknown' };
      const answer = await session.newOrder(await session.account(), payload);
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'unknown-profile-is-named',
    section: '7.4',
    level: 'MAY',
    basis: 'statement',
    asserts: 'An unknown profile is refused as invalidProfile (draft-ietf-acme-profiles).',
    async run(session) {
      await advertised(session);
      const payload = { identifiers: identifiers(session, 'unknown-profile-named'), profile: 'padlock-unknown' };
      const answer = await session.newOrder(await session.account(), payload);
      if (succeeded(answer)) throw new UnmetNeed('the CA did not refuse it');
      return expectThat(errorType(answer) === 'invalidProfile', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'order-shows-its-profile',
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'An order that was taken with a profile shows it, also when it is read again.',
    async run(session) {
      const [profile] = Object.keys(await advertised(session));
      if (profile === undefined) throw new UnmetNeed('the CA advertises no profiles');
      const account = await session.account();
      const order = await session.orderOf(account, { identifiers: identifiers(session, 'profile'), profile });
      const shown = [order.answer, await session.read(account, order.url)].map((answer) => jsonObject(answer)?.profile);
      const right = shown.every((value) => value === profile);
      return expectThat(right, `profile is ${shown.map((value) => JSON.stringify(value ?? null)).join(', then ')}.`);
    },
  },
];
