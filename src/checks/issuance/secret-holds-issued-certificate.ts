import { lastLivingState, nameOf, texts } from '../../issuance/recorded-object.ts';
import { findSecret } from '../../issuance/recorded-secret.ts';
import {
  describeCertificate,
  describeValidity,
  ipAddressesOf,
  issued,
  parseCertificates,
  sameSet,
  validAt,
} from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';

const secretType = 'kubernetes.io/tls';

/** What cert-manager stored. Other checks verify that the served chain ends at the CA's root. */
export const secretHoldsIssuedCertificate: Check = {
  id: 'secret-holds-issued-certificate',
  asserts:
    "The Secret has type kubernetes.io/tls, its key matches its leaf, the leaf is valid for the Certificate's dnsNames, and each certificate is signed by the next.",
  judge(evidence, issuance) {
    const secret = findSecret(evidence);
    if (typeof secret === 'string') return failed(secret);
    const chain = parseCertificates(secret.facts.certificates, `tls.crt of ${secret.name}`);
    if (typeof chain === 'string') return failed(chain);
    const [leaf] = chain;
    if (leaf === undefined) {
      return failed(
        `${secret.name} holds no certificate in tls.crt; its entries are ${secret.facts.dataKeys.join(', ') || 'none'}.`,
      );
    }

    const defects: string[] = [];
    if (secret.type !== secretType) {
      defects.push(`${secret.name} should have the type ${secretType}, but has ${secret.type ?? 'none'}.`);
    }
    const { privateKeyPublicSha256 } = secret.facts;
    if (privateKeyPublicSha256 === null) {
      defects.push(`${secret.name} holds no readable private key in tls.key.`);
    } else if (privateKeyPublicSha256 !== leaf.publicKeySha256) {
      defects.push(
        `The private key of ${secret.name} does not match its leaf ${describeCertificate(leaf)}: the key's public half has SHA-256 ${privateKeyPublicSha256}, the leaf's public key ${leaf.publicKeySha256}.`,
      );
    }

    const { certificate } = issuance;
    const { namespace, name } = evidence.subject.certificate;
    if (certificate === undefined) {
      defects.push(
        `No Certificate ${namespace}/${name} was recorded, so the leaf's names have nothing to be compared with.`,
      );
    } else {
      const object = lastLivingState(certificate)?.object;
      const addresses = texts(object, 'spec', 'ipAddresses');
      const asked = [...texts(object, 'spec', 'dnsNames'), ...addresses];
      const given = [...leaf.dnsNames, ...ipAddressesOf(leaf.x509)];
      if (asked.length === 0) {
        defects.push(`${nameOf(certificate)} was recorded without spec.dnsNames.`);
      } else if (!sameSet(given, asked)) {
        defects.push(
          `The leaf of ${secret.name} should be for ${asked.join(', ')} (${addresses.length === 0 ? 'dnsNames' : 'names and addresses'} of ${nameOf(certificate)}), but is for ${given.join(', ') || 'no DNS name'}.`,
        );
      }
    }

    for (const [index, issuer] of chain.entries()) {
      const subject = chain[index - 1];
      if (subject !== undefined && !issued(issuer.x509, subject.x509)) {
        defects.push(
          `The chain in ${secret.name} is out of order: certificate ${index} ${describeCertificate(subject)} was not issued by certificate ${index + 1} ${describeCertificate(issuer)}.`,
        );
      }
    }
    if (!validAt(leaf.x509, secret.at)) {
      defects.push(
        `The leaf of ${secret.name} is valid from ${describeValidity(leaf.x509)}, not when it was recorded (${secret.at}).`,
      );
    }
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(
      `${secret.name} (${secretType}) holds ${describeCertificate(leaf)} with its key, valid from ${describeValidity(leaf.x509)}, in a chain of ${chain.length}.`,
    );
  },
};
