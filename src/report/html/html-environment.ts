import type { Report, ReportCertificateAuthority, ReportComponent } from '../report.ts';
import { facts, sentences, settingsList, table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';

/** Where the run took place: the cluster and the machine, the CA, every component, and differences from upstream. */
export function environmentSection({ environment, ca, components, notUpstream }: Report): Markup {
  return html`<section class="card" aria-labelledby="environment"><h2 id="environment">Environment and versions</h2>
${environmentFacts(environment)}
<h3>Certificate authority</h3>${ca === null ? html`<p class="muted">The run ended before a CA was available.</p>` : authorityFacts(ca)}
<h3>Components</h3>${componentTable(components)}
<h3>Not upstream's own</h3>${sentences(notUpstream) ?? html`<p class="muted">Every component is an unmodified upstream release.</p>`}
</section>`;
}

function environmentFacts(environment: Report['environment']): Markup {
  const { kind, name, os, kernel, arch, cpus, memoryBytes, peakMemoryBytes, nodeVersion, kubernetesVersion } =
    environment;
  const { installation = null, timeScale = 1 } = environment;
  return facts(
    ['Environment', `${kind} ${name}`],
    ['Kubernetes', kubernetesVersion ?? 'no answer'],
    ['Installation', installation],
    ['Machine', `${os}, kernel ${kernel}, ${arch}`],
    ['CPUs', cpus],
    ['Memory', gibibytes(memoryBytes)],
    ['Time limits', timeScale === 1 ? null : `${timeScale} times those of an ordinary machine`],
    ['Peak memory', peakMemoryBytes === null ? null : gibibytes(peakMemoryBytes)],
    ['Node.js', nodeVersion],
  );
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

function authorityFacts({ software, version, directoryUrl, settings }: ReportCertificateAuthority): Markup {
  return facts(
    ['Software', `${software} ${version}`.trim()],
    ['Directory', html`<code>${directoryUrl}</code>`],
    ['Settings', settingsList(settings)],
  );
}

function componentTable(components: readonly ReportComponent[]): Markup {
  if (components.length === 0) return html`<p class="muted">No component took part.</p>`;
  const columns = [
    { heading: 'Component', style: 'narrow' },
    { heading: 'Version', style: 'version' },
    { heading: 'Source', style: 'record' },
    { heading: 'Digest', style: 'record' },
    { heading: 'Note' },
  ];
  const rows = components.map(({ name, version, source, digest, note }) => [
    name,
    html`<code>${version}</code>`,
    source,
    digest === null ? 'unknown' : html`<code>${digest}</code>`,
    note ?? null,
  ]);
  return table('Components', columns, rows);
}
