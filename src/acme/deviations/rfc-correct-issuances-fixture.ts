import 'reflect-metadata';
import { domainToUnicode } from 'node:url';
import * as x509 from '@peculiar/x509';
import { errorType, jsonObject, succeeded } from '../client/answer.ts';
import { namesOf } from '../client/certificate-subject.ts';
import { asProblem, withHeader } from './answer-change.ts';
import { changeAnswers } from './change-answers.ts';
import type { Deviation } from './deviation.ts';
import { readJws, readSigned } from './signed-request.ts';

/**
 * For tests: corrects Pebble's deviations in orders, issuance and revocation (docs/ca-results/pebble.md). Each correction gets
 * the answers of the one before it.
 */
export const rfcCorrectIssuances: readonly Deviation['apply'][] = [
  changeAnswers(['finalize'], (answer, { url }, conversation) =>
    withHeader(answer, 'location', conversation.parentOf(url) ?? ''),
  ),
  // Pebble refuses a CSR with other names as unauthorized.
  async (request, forward, conversation) => {
    const answer = await forward(request);
    const isCsr = conversation.isFor(request, 'finalize') && errorType(answer) === 'unauthorized';
    return isCsr ? asProblem(answer, 400, 'badCSR') : answer;
  },
  // Pebble checks neither the encoding of A-labels nor the order of dates.
  async (request, forward, conversation) => {
    const { identifiers = [], notBefore, notAfter } = readSigned(request)?.fields ?? {};
    const isOrder = conversation.isFor(request, 'newOrder');
    const labels = (identifiers as readonly { value: string }[]).flatMap(({ value }) => value.split('.'));
    if (isOrder && labels.some((label) => label.startsWith('xn--') && domainToUnicode(label) === label)) {
      return conversation.problem(400, 'malformed', 'a label is not an A-label');
    }
    return isOrder && Date.parse(String(notBefore)) > Date.parse(String(notAfter))
      ? conversation.problem(400, 'malformed', 'it would end before it begins')
      : forward(request);
  },
  // Pebble accepts header fields in contacts, and a nonce in an inner JWS.
  async (request, forward, conversation) => {
    const signed = readSigned(request);
    const { contact } = signed?.fields ?? {};
    if (Array.isArray(contact) && contact.some((one) => /^mailto:.*\?/.test(String(one)))) {
      return conversation.problem(400, 'invalidContact', 'header fields');
    }
    const inner = signed === null ? null : readJws(signed.payload);
    return conversation.isFor(request, 'keyChange') && inner?.header.nonce !== undefined
      ? conversation.problem(400, 'malformed', 'the inner JWS has a nonce')
      : forward(request);
  },
  // Pebble refuses a deactivated account with 403, and answers 404 without a problem document.
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
  // In Pebble only the account that ordered a certificate can revoke it.
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
