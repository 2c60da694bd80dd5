import 'reflect-metadata';
import { domainToUnicode } from 'node:url';
import * as x509 from '@peculiar/x509';
import { namesOf } from '../catalogue/leaf-names.ts';
import { errorType, jsonObject, succeeded } from '../client/answer.ts';
import { asProblem, withHeader } from './answer-change.ts';
import { changeAnswers } from './change-answers.ts';
import type { Deviation } from './deviation.ts';
import { readJws, readSigned } from './signed-request.ts';

/**
 * For tests: what Pebble departs in from the RFCs where certificates are ordered, issued and revoked
 * (docs/ca-results/pebble.md). Each takes what the one before it left.
 */
export const mendedIssuances: readonly Deviation['apply'][] = [
  changeAnswers(['finalize'], (answer, { url }, conversation) =>
    withHeader(answer, 'location', conversation.parentOf(url) ?? ''),
  ),
  // It refuses a CSR with other names as unauthorized.
  async (request, forward, conversation) => {
    const answer = await forward(request);
    const isCsr = conversation.isFor(request, 'finalize') && errorType(answer) === 'unauthorized';
    return isCsr ? asProblem(answer, 400, 'badCSR') : answer;
  },
  // It does not look at how A-labels are encoded, nor whether dates make sense.
  async (request, forward, conversation) => {
    const { identifiers = [], notBefore, notAfter } = readSigned(request)?.fields ?? {};
    const isOrder = conversation.isFor(request, 'newOrder');
    const labels = (identifiers as readonly { value: string }[]).flatMap(({ value }) => value.split('.'));
    if (isOrder && labels.some((label) => label.startsWith('xn--') && domainToUnicode(label) === label)) {
      return conversation.problem(400, 'malformed', 'a label is no A-label');
    }
    return isOrder && Date.parse(String(notBefore)) > Date.parse(String(notAfter))
      ? conversation.problem(400, 'malformed', 'it would end before it begins')
      : forward(request);
  },
  // It takes header fields in contacts, and a nonce in an inner JWS.
  async (request, forward, conversation) => {
    const signed = readSigned(request);
    const { contact } = signed?.fields ?? {};
    if (Array.isArray(contact) && contact.some((one) => /^mailto:.*\?/.test(String(one)))) {
      return conversation.problem(400, 'invalidContact', 'header fields');
    }
    const inner = signed === null ? null : readJws(signed.payload);
    return conversation.isFor(request, 'keyChange') && inner?.header.nonce !== undefined
      ? conversation.problem(400, 'malformed', 'a nonce inside')
      : forward(request);
  },
  // It refuses a deactivated account with 403, and answers 404 without a problem document.
  async (request, forward, conversation) => {
    const answer = await forward(request);
    const signed = readSigned(request);
    const kid = String(signed?.header.kid);
    if (succeeded(answer) && signed?.fields.status === 'deactivated') conversation.memory.set(request.url, true);
    if (errorType(answer) === 'unauthorized' && conversation.memory.has(kid)) {
      return asProblem(answer, 401, 'unauthorized');
    }
    return answer.status === 404 && jsonObject(answer) === null ? asProblem(answer, 404, 'malformed') : answer;
  },
  // It lets only the account that ordered a certificate revoke it.
  async (request, forward, conversation) => {
    const answer = await forward(request);
    const { header: { kid } = {}, fields = {} } = readSigned(request) ?? {};
    const { identifier, status } = jsonObject(answer) ?? {};
    if (conversation.isFor(request, 'authorization') && status === 'valid') {
      conversation.memory.set(`${String(kid)} ${(identifier as { value: string }).value}`, true);
    }
    if (!conversation.isFor(request, 'revokeCert') || errorType(answer) !== 'unauthorized') return answer;
    const certificate = new x509.X509Certificate(Buffer.from(String(fields.certificate), 'base64url'));
    const holdsAll = namesOf(certificate).every((name) => conversation.memory.has(`${String(kid)} ${name}`));
    return holdsAll ? conversation.answer(200, {}) : answer;
  },
];
