import { webcrypto } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import { runToEnd } from '../../../run-to-end.ts';
import type { ExternalAccount } from '../../client/signing-key.ts';
import type { AcmeServer, ValidationTargets } from './acme-server.ts';
import { freePorts } from './free-ports.ts';
import { startServer } from './server-process.ts';

export interface StepCaOptions extends ValidationTargets {
  /** The built step-ca. */
  readonly program: string;
  /** Where one is given, accounts need a binding: makes so many keys before the start. step-ca binds each key to one account. */
  readonly externalAccounts?: { readonly addKeyProgram: string; readonly count: number };
}

export interface StepCa extends AcmeServer {
  /** Made by step-ca's own store. Each is good for one account. */
  readonly externalAccounts: readonly ExternalAccount[];
}

const provisioner = 'acme';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const eabKeys = z.array(z.object({ kid: z.string(), hmacKey: z.string() }));

/** Starts step-ca with a new root and intermediate and one ACME provisioner, from a configuration file alone. */
export async function startStepCa(options: StepCaOptions): Promise<StepCa> {
  const { externalAccounts } = options;
  const folder = await mkdtemp(join(tmpdir(), 'padlock-step-ca-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const [port = 0, httpPort = 0, tlsPort = 0, dnsPort = 0] = await freePorts(4);
  const authority = await createAuthority();
  const file = (name: string) => join(folder, name);
  await writeFile(file('root.crt'), authority.root);
  await writeFile(file('intermediate.crt'), authority.intermediate);
  await writeFile(file('intermediate.key'), authority.intermediateKey, { mode: 0o600 });
  await mkdir(file('db'));
  const configuration = {
    root: file('root.crt'),
    crt: file('intermediate.crt'),
    key: file('intermediate.key'),
    address: `127.0.0.1:${port}`,
    dnsNames: ['localhost'],
    logger: { format: 'json' },
    db: { type: 'badgerv2', dataSource: file('db') },
    // Provisioners of this file have no id, which keys of external accounts need: then it is one of the data base.
    authority:
      externalAccounts === undefined
        ? { provisioners: [{ type: 'ACME', name: provisioner }] }
        : { enableAdmin: true, provisioners: [] },
  };
  await writeFile(file('ca.json'), JSON.stringify(configuration));
  const keys =
    externalAccounts === undefined
      ? []
      : await runToEnd(externalAccounts.addKeyProgram, [file('db'), provisioner, String(externalAccounts.count)])
          .then((output) => eabKeys.parse(JSON.parse(output)))
          .then((made) => made.map(({ kid, hmacKey }) => ({ kid, macKey: Buffer.from(hmacKey, 'base64url') })));
  stack.use(
    await startServer({
      program: options.program,
      args: [
        ...['--insecure', '--acme-http-port', String(options.httpPort ?? httpPort)],
        ...['--acme-tls-port', String(options.tlsPort ?? tlsPort)],
        ...['--resolver', options.dnsServer ?? `127.0.0.1:${dnsPort}`],
        file('ca.json'),
      ],
      env: { STEPPATH: folder, HOME: folder },
      readyLine: `Serving HTTPS on 127.0.0.1:${port}`,
    }),
  );
  const running = stack.move();
  return {
    directoryUrl: `https://localhost:${port}/acme/${provisioner}/directory`,
    trustedRootsPem: authority.root,
    rootsPem: [authority.root],
    externalAccounts: keys,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A root and an intermediate that it signed, PEM. */
async function createAuthority() {
  const [rootKeys, keys] = await Promise.all([createKeys(), createKeys()]);
  const [notBefore, notAfter] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 30 * 86_400_000)];
  const usages = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=Padlock test root', notBefore, notAfter, keys: rootKeys },
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      usages,
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const intermediate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: '02', subject: 'CN=Padlock test intermediate', issuer: root.subject, notBefore, notAfter },
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      usages,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    root: root.toString('pem'),
    intermediate: intermediate.toString('pem'),
    intermediateKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}

function createKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
