import type { BrowserView } from '../../issuance/browser-view.ts';
import { resultBadge } from './html-mark.ts';
import { facts } from './html-table.ts';
import { html, type Markup, trusted } from './html-text.ts';
import { utcTime } from './html-time.ts';

/**
 * What the browser showed: its facts, the control without the CA's root, and its picture.
 *
 * @param pictures PNG bytes by the path that the report names
 */
export function browserBlock(view: BrowserView, pictures: ReadonlyMap<string, Buffer>): Markup {
  const { browser, url, securityState, protocol, issuer, subject, dnsNames, validFrom, validTo, withoutRoot } = view;
  return html`<div class="browser">${picture(view, pictures)}
<div>${facts(
    ['Security state', resultBadge(securityState === 'secure' ? 'passed' : 'failed', securityState)],
    ["Without the CA's root", withoutRoot === null ? 'not tried' : html`<code>${withoutRoot}</code>`],
    ['Page', html`<code>${url}</code>`],
    ['Protocol', protocol],
    ['Issuer', issuer],
    ['Subject', subject === '' ? 'none (the CA sets no common name)' : subject],
    ['Names', dnsNames.join(', ')],
    ['Valid', html`${utcTime(validFrom)} to ${utcTime(validTo)}`],
    ['Browser', browser],
  )}</div></div>`;
}

function picture(
  { screenshot, screenshotSha256, url, securityState }: BrowserView,
  pictures: ReadonlyMap<string, Buffer>,
): Markup {
  if (screenshot === null) return html`<p class="muted">No picture was saved.</p>`;
  const bytes = pictures.get(screenshot);
  if (bytes === undefined) {
    return html`<p class="muted">The picture <a href="${screenshot}">${screenshot}</a> was missing when this page was written.</p>`;
  }
  return html`<figure class="picture"><img src="${pngUri(bytes)}" alt="Picture of ${url} in the browser, whose security state is ${securityState}">
<figcaption><a href="${screenshot}">${screenshot}</a>${screenshotSha256 === null ? null : html`, SHA-256 <code>${screenshotSha256}</code>`}</figcaption></figure>`;
}

function pngUri(bytes: Buffer): Markup {
  return trusted(`data:image/png;base64,${bytes.toString('base64')}`);
}
