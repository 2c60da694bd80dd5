import { describeEntries, ledNowhere } from '../../issuance/gateway-requests.ts';
import { type Check, failed, passed } from '../check.ts';
import { answeredProbe, requestsOf } from './application-answer.ts';
import { afterIssuance } from './plain-http-answers.ts';

/** RFC 9110 section 15.4.2: 301 tells clients to use the new URI from now on. For a scenario that expects `http: 'redirect'`. */
export const plainHttpRedirects: Check = {
  id: 'plain-http-redirects',
  asserts: 'The gateway itself answers plain HTTP on port 80 with a 301 redirect to the same path on https.',
  judge(evidence) {
    const found = answeredProbe(evidence, afterIssuance);
    if (typeof found === 'string') return failed(found);
    const { named, url, answer } = found;
    const wanted = `https://${url.hostname}${url.pathname}${url.search}`;
    const location = answer.headers.location ?? 'none';
    if (answer.status !== 301 || location !== wanted) {
      return failed(
        `${named} should have been answered 301 with Location ${wanted}, but was answered ${answer.status} with Location ${location}.`,
      );
    }
    const requests = requestsOf(evidence, found);
    if (!requests.some((entry) => entry.status === 301 && ledNowhere(entry))) {
      const seen = requests.length === 0 ? 'it has no such request' : `it has ${describeEntries(requests)}`;
      return failed(`The access log should show that the gateway itself answered ${named} with 301, but ${seen}.`);
    }
    return passed(`${url.href} was answered 301 by the gateway, with Location ${location}.`);
  },
};
