import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem, withJson } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import { expectRefusal, expectThat, failed, standard } from '../check.ts';
import { group } from '../group.ts';

/** The profiles of the directory's meta. @throws UnmetNeed if it has none */
async function advertised(session: AcmeSession): Promise<Readonly<Record<string, unknown>>> {
  const { profiles } = await session.meta();
  if (profiles === undefined) throw new UnmetNeed('the CA advertises no profiles');
  return typeof profiles === 'object' && profiles !== null ? (profiles as Readonly<Record<string, unknown>>) : {};
}

function identifiers(session: AcmeSession, label: string) {
  return [{ type: 'dns', value: session.name(label) }];
}

export const profiles = group(45, 'Profiles', {
  runs: 'identifiers',
  feature: 'profiles',
  checks: [
    // RFC 8555 section 7.1.1: meta has room for extensions. The draft makes profiles a map of names to descriptions.
    {
      ...standard,
      id: 'profiles-are-described',
      section: '7.1.1',
      level: 'MAY',
      basis: 'statement',
      asserts: 'The profiles in meta are a map of names to descriptions (draft-ietf-acme-profiles).',
      async run(session) {
        const profiles = await advertised(session);
        const names = Object.keys(profiles);
        const right =
          names.length > 0 && Object.values(profiles).every((description) => typeof description === 'string');
        return expectThat(right, `The profiles are ${JSON.stringify(profiles)}.`);
      },
    },
    // RFC 8555 section 7.4: A server refuses an order that it cannot fulfil as specified.
    {
      ...standard,
      id: 'unknown-profile',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an order with a profile that it does not advertise.',
      async run(session) {
        await advertised(session);
        await session.order();
        const payload = { identifiers: identifiers(session, 'unknown-profile'), profile: 'padlock-unknown' };
        const answer = await session.newOrder(await session.account(), payload);
        if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
        return expectRefusal(answer);
      },
    },
    // RFC 8555 section 7.4: The draft has an error type of its own for this.
    {
      ...standard,
      id: 'unknown-profile-is-named',
      section: '7.4',
      level: 'MAY',
      basis: 'statement',
      asserts: 'The CA refuses an unknown profile as invalidProfile (draft-ietf-acme-profiles).',
      async run(session) {
        await advertised(session);
        const payload = { identifiers: identifiers(session, 'unknown-profile-named'), profile: 'padlock-unknown' };
        const answer = await session.newOrder(await session.account(), payload);
        if (succeeded(answer)) throw new UnmetNeed('the CA did not refuse it');
        return expectThat(errorType(answer) === 'invalidProfile', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.4: The order reflects the request.
    {
      ...standard,
      id: 'order-shows-its-profile',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An order accepted with a profile shows it, also on a second read.',
      async run(session) {
        const [profile] = Object.keys(await advertised(session));
        if (profile === undefined) throw new UnmetNeed('the CA advertises no profiles');
        const account = await session.account();
        const order = await session.orderOf(account, { identifiers: identifiers(session, 'profile'), profile });
        const shown = [order.answer, await session.read(account, order.url)].map(
          (answer) => jsonObject(answer)?.profile,
        );
        const right = shown.every((value) => value === profile);
        return expectThat(right, `profile is ${shown.map((value) => JSON.stringify(value ?? null)).join(', then ')}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'profiles-not-described',
      describes: 'The profiles in meta have no descriptions.',
      rfc: 8555,
      section: '7.1.1',
      breaks: ['profiles-are-described'],
      apply: changeAnswers(['directory'], (answer) =>
        withJson(answer, (directory) => {
          const { profiles, ...meta } = (directory.meta ?? {}) as Readonly<Record<string, unknown>>;
          const described = Object.fromEntries(Object.keys(profiles ?? {}).map((name) => [name, null]));
          return profiles === undefined ? directory : { ...directory, meta: { ...meta, profiles: described } };
        }),
      ),
    },
    {
      name: 'unknown-profile-taken',
      describes: 'An order with an unknown profile is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['unknown-profile'],
      apply: acceptAnyway(
        (_, request, conversation, refusal) =>
          errorType(refusal) === 'invalidProfile' && conversation.isFor(request, 'newOrder'),
      ),
    },
    {
      name: 'unknown-profile-is-malformed',
      describes: 'An order with an unknown profile is refused as malformed.',
      rfc: 8555,
      section: '7.4',
      breaks: ['unknown-profile-is-named'],
      apply: changeErrors('invalidProfile', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'order-hides-its-profile',
      describes: 'An order accepted with a profile does not show it.',
      rfc: 8555,
      section: '7.4',
      breaks: ['order-shows-its-profile'],
      apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
        withJson(answer, ({ profile: _, ...order }) => order),
      ),
    },
  ],
});
