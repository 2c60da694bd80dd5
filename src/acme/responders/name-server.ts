import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type Socket as Connection, createServer, isIP, type Server } from 'node:net';
import * as dns from 'dns-packet';
import type { DnsResponder, RecordType, SeenQuery } from '../client/responders.ts';
import { cannotListen, close, type ListenAddress, listen } from './listen.ts';

export interface NameServerOptions extends ListenAddress {
  /** It is authoritative for these domains and all names below them. */
  readonly domains: readonly string[];
  /** The IPv4 and IPv6 addresses of every name without records of its own. */
  readonly addresses: readonly string[];
}

type Rcode = 'FORMERR' | 'NOERROR' | 'NOTIMP' | 'NXDOMAIN' | 'REFUSED' | 'SERVFAIL';

/** RFC 1035 section 4.1.1, and RFC 6895. */
const rcodes: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
/** Records change all the time, so resolvers must not cache them. */
const ttlSeconds = 1;
/** RFC 1035 section 4.2.1, unless the query says otherwise. */
const plainUdpBytes = 512;
/** The message size over UDP (RFC 6891 section 6.2.5; the size of DNS Flag Day 2020). */
const udpBytes = 1232;
const mostAliases = 8;

const keyOf = (name: string, type: string) => `${name.toLowerCase().replace(/\.$/, '')} ${type}`;

/** Padlock's own name server, over UDP and TCP. */
export class NameServer implements DnsResponder, AsyncDisposable {
  readonly isOwn = true;
  readonly addresses: readonly string[];
  /** Where it listens. */
  port = 0;
  readonly #domains: readonly string[];
  readonly #records = new Map<string, readonly string[]>();
  readonly #failures = new Map<string, Rcode>();
  readonly #queries: SeenQuery[] = [];
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #connections = new Set<Connection>();

  private constructor({ domains, addresses, address }: NameServerOptions) {
    this.addresses = addresses;
    this.#domains = domains.map((domain) => domain.toLowerCase());
    this.#udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#udp.on('message', (message, from) => this.#overUdp(message, from));
    this.#tcp = createServer((connection) => this.#overTcp(connection));
  }

  /** @throws UserError (2) if it cannot listen */
  static async start(options: NameServerOptions): Promise<NameServer> {
    const server = new NameServer(options);
    const { address } = options;
    const what = 'name server';
    server.port = await listen(server.#tcp, what, options);
    try {
      await new Promise<void>((resolve, reject) => {
        server.#udp.once('error', (error) => reject(cannotListen(what, { address, port: server.port }, error)));
        server.#udp.bind({ address, port: server.port }, resolve);
      });
    } catch (error) {
      await close(server.#tcp);
      throw error;
    }
    return server;
  }

  async set(name: string, type: RecordType, values: readonly string[]): Promise<AsyncDisposable> {
    const key = keyOf(name, type);
    this.#records.set(key, values);
    return { [Symbol.asyncDispose]: async () => void this.#records.delete(key) };
  }

  async fail(name: string, rcode: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED', type?: RecordType): Promise<AsyncDisposable> {
    const key = keyOf(name, type ?? 'any');
    this.#failures.set(key, rcode);
    return { [Symbol.asyncDispose]: async () => void this.#failures.delete(key) };
  }

  queries(name: string): readonly SeenQuery[] {
    const wanted = name.toLowerCase();
    return this.#queries.filter((query) => query.name === wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([close(this.#tcp), new Promise<void>((resolve) => this.#udp.close(() => resolve()))]);
  }

  #overUdp(message: Buffer, from: RemoteInfo): void {
    const answer = this.#answer(message, from.address);
    if (answer === null) return;
    const { packet, udpPayloadSize } = answer;
    const whole = dns.encode(packet);
    const fits = whole.length <= Math.min(udpPayloadSize ?? plainUdpBytes, udpBytes);
    const cut = { ...packet, answers: [], authorities: [], flags: (packet.flags ?? 0) | dns.TRUNCATED_RESPONSE };
    this.#udp.send(fits ? whole : dns.encode(cut), from.port, from.address);
  }

  /** RFC 7766: a connection may have several queries. */
  #overTcp(connection: Connection): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    connection.on('error', () => connection.destroy());
    let waiting = Buffer.alloc(0);
    connection.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
        const end = 2 + waiting.readUInt16BE(0);
        const answer = this.#answer(waiting.subarray(2, end), connection.remoteAddress ?? '');
        waiting = waiting.subarray(end);
        if (answer !== null) connection.write(dns.streamEncode(answer.packet));
      }
    });
  }

  /** Null for a message that is not a query. */
  #answer(
    message: Buffer,
    from: string,
  ): { readonly packet: dns.Packet; readonly udpPayloadSize: number | null } | null {
    let query: dns.DecodedPacket;
    try {
      query = dns.decode(message);
    } catch {
      return null;
    }
    if (query.type !== 'query') return null;
    const [question, ...more] = query.questions ?? [];
    const option = query.additionals?.find(({ type }) => type === 'OPT') as dns.OptAnswer | undefined;
    const { rcode, answers } = this.#resolve(question, { isMany: more.length > 0, opcode: opcodeOf(query), from });
    const domain = question === undefined ? undefined : this.#domainOf(question.name);
    const authoritative = domain !== undefined && rcode !== 'REFUSED';
    // Go's resolver takes an empty answer that is neither authoritative nor a resolver's for a referral that leads nowhere.
    const asResolver = question !== undefined && this.#isAbove(question.name);
    // RFC 2308 section 3: the SOA of the zone limits negative caching.
    const isNegative = rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && answers.length === 0);
    const edns: dns.OptAnswer = {
      ...{ type: 'OPT', name: '.', udpPayloadSize: udpBytes, extendedRcode: 0, ednsVersion: 0, flags: 0 },
      ...{ flag_do: false, options: [] },
    };
    const packet: dns.Packet = {
      type: 'response',
      ...(query.id === undefined ? {} : { id: query.id }),
      flags:
        (authoritative ? dns.AUTHORITATIVE_ANSWER : 0) | (asResolver ? dns.RECURSION_AVAILABLE : 0) | rcodes[rcode],
      questions: question === undefined ? [] : [question],
      answers: [...answers],
      authorities: isNegative && domain !== undefined ? [soaOf(domain)] : [],
      additionals: option === undefined ? [] : [edns],
    };
    return { packet, udpPayloadSize: option?.udpPayloadSize ?? null };
  }

  #resolve(
    question: dns.Question | undefined,
    { isMany, opcode, from }: { readonly isMany: boolean; readonly opcode: string; readonly from: string },
  ): { readonly rcode: Rcode; readonly answers: readonly dns.Answer[] } {
    if (opcode !== 'QUERY') return { rcode: 'NOTIMP', answers: [] };
    if (question === undefined || isMany) return { rcode: 'FORMERR', answers: [] };
    this.#queries.push({ at: new Date(), from, name: question.name.toLowerCase(), type: question.type });
    const answers: dns.Answer[] = [];
    let { name } = question;
    for (let aliases = 0; aliases <= mostAliases; aliases += 1) {
      const domain = this.#domainOf(name);
      // A resolver follows an alias that leads out of the zone.
      if (domain === undefined) {
        return { rcode: answers.length === 0 && !this.#isAbove(name) ? 'REFUSED' : 'NOERROR', answers };
      }
      const failure = this.#failures.get(keyOf(name, question.type)) ?? this.#failures.get(keyOf(name, 'any'));
      if (failure !== undefined) return { rcode: failure, answers };
      const [alias] = question.type === 'CNAME' ? [] : (this.#records.get(keyOf(name, 'CNAME')) ?? []);
      if (alias === undefined) {
        answers.push(...this.#recordsOf(name, question.type, domain));
        return { rcode: 'NOERROR', answers };
      }
      answers.push({ type: 'CNAME', name, ttl: ttlSeconds, data: alias });
      name = alias;
    }
    return { rcode: 'SERVFAIL', answers: [] };
  }

  #recordsOf(name: string, type: string, domain: string): readonly dns.Answer[] {
    const isApex = name.toLowerCase() === domain;
    if (type === 'SOA') return isApex ? [soaOf(domain)] : [];
    if (type === 'NS') return isApex ? [{ type: 'NS', name, ttl: ttlSeconds, data: `ns.${domain}` }] : [];
    const values = this.#records.get(keyOf(name, type)) ?? this.#addressesOf(name, type);
    return values.map((value) => recordOf(name, type as RecordType, value));
  }

  /** Names that begin with an underscore are not hosts (RFC 8552). */
  #addressesOf(name: string, type: string): readonly string[] {
    if (name.startsWith('_')) return [];
    if (type === 'A') return this.addresses.filter(isIPv4);
    return type === 'AAAA' ? this.addresses.filter(isIPv6) : [];
  }

  /**
   * Whether a name is above a domain. A CA that has this server as its resolver looks for CAA records there, up to the top
   * (RFC 8659 section 3): names that exist and have no records.
   */
  #isAbove(name: string): boolean {
    const lower = name.toLowerCase().replace(/\.$/, '');
    return this.#domains.some((domain) => lower === '' || domain.endsWith(`.${lower}`));
  }

  #domainOf(name: string): string | undefined {
    const lower = name.toLowerCase();
    return this.#domains.find((domain) => lower === domain || lower.endsWith(`.${domain}`));
  }
}

/** The package has this field, its types do not. */
function opcodeOf(query: dns.DecodedPacket & { readonly opcode?: string }): string {
  return query.opcode ?? 'QUERY';
}

function isIPv4(text: string): boolean {
  return isIP(text) === 4;
}

function isIPv6(text: string): boolean {
  return isIP(text) === 6;
}

function recordOf(name: string, type: RecordType, value: string): dns.Answer {
  const common = { name, ttl: ttlSeconds } as const;
  switch (type) {
    case 'TXT':
      return { ...common, type, data: [value] };
    case 'CAA': {
      const [, flags, tag, text] = /^(\d+)\s+(\S+)\s+"?([^"]*)"?$/.exec(value) ?? [];
      if (flags === undefined || tag === undefined) throw new Error(`'${value}' is not a CAA record`);
      return { ...common, type, data: { flags: Number(flags), tag: tag as dns.CaaData['tag'], value: text ?? '' } };
    }
    default:
      return { ...common, type, data: value };
  }
}

function soaOf(domain: string): dns.Answer {
  return {
    ...{ type: 'SOA', name: domain, ttl: ttlSeconds },
    data: {
      ...{ mname: `ns.${domain}`, rname: `hostmaster.${domain}`, serial: 1 },
      ...{ refresh: 3600, retry: 600, expire: 86_400, minimum: ttlSeconds },
    },
  };
}
