import type { AcmeSession } from './session.ts';

/** What several checks share: made once per run, when the first of them asks for it. */
export function oncePerSession<Made>(
  make: (session: AcmeSession) => Promise<Made>,
): (session: AcmeSession) => Promise<Made> {
  const made = new WeakMap<AcmeSession, () => Promise<Made>>();
  return (session) => {
    const known = made.get(session) ?? session.once(() => make(session));
    made.set(session, known);
    return known();
  };
}
