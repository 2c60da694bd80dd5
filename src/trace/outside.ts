import type { DnsProbe, HttpProbe, TlsProbe } from '../evidence/evidence.ts';
import { probeDns } from '../evidence/probes/probe-dns.ts';
import { probeHttp } from '../evidence/probes/probe-http.ts';
import type { DnsProbeRequest, HttpProbeRequest, TlsProbeRequest } from '../evidence/probes/probe-protocol.ts';
import { probeTls } from '../evidence/probes/probe-tls.ts';

/** Where a trace looks at a host from, as a client would: a probe agent outside a cluster, or this machine. */
export interface Outside {
  dns(request: DnsProbeRequest): Promise<DnsProbe>;
  http(request: HttpProbeRequest): Promise<HttpProbe>;
  tls(request: TlsProbeRequest): Promise<TlsProbe>;
}

/** This machine. */
export const thisMachine: Outside = {
  dns: (request) => probeDns(request),
  http: (request) => probeHttp(request),
  tls: (request) => probeTls(request),
};
