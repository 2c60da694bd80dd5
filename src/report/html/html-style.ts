import { createHash } from 'node:crypto';

const colours = `
:root {
  color-scheme: light dark;
  --ground: #f6f6f3; --surface: #ffffff; --sunken: #f1f2f0; --ink: #1c2430; --soft: #535e6e; --line: #d9dce0; --link: #1b57b0; --focus: #1b57b0;
  --passed: #17663a; --passed-ground: #e3f3ea; --failed: #a3211b; --failed-ground: #fbe9e7;
  --error: #7d1d5c; --error-ground: #f8e6f1; --partial: #6d4a00; --partial-ground: #fbf0d4; --skipped: #4a5563; --skipped-ground: #e9ecef;
  --cert-manager: #2f63b8; --cluster: #7a53b3; --gateway: #0a6f6a; --ca: #985004; --client: #5c6675; --gap: #87909b; --gap-ground: #ebedef;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #11151b; --surface: #191f28; --sunken: #131921; --ink: #e6eaf0; --soft: #a4afbf; --line: #323b48; --link: #8db8ff; --focus: #8db8ff;
    --passed: #7fd8a4; --passed-ground: #15301f; --failed: #ff9d94; --failed-ground: #3a1a18;
    --error: #f2a0d3; --error-ground: #371a2d; --partial: #efc566; --partial-ground: #33270c; --skipped: #b4becb; --skipped-ground: #28303b;
    --cert-manager: #7fabf5; --cluster: #bd9bf0; --gateway: #55c9c2; --ca: #eba55a; --client: #a4afbf; --gap: #6c7786; --gap-ground: #252d38;
  }
}`;

const page = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
.page { max-width: 68rem; margin-inline: auto; padding-inline: 1rem; }
main { padding-block: 1.5rem; outline: none; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; margin: 0; }
h1 { font-size: 1.75rem; letter-spacing: -.015em; }
h2 { font-size: 1.3rem; letter-spacing: -.01em; }
h2 + .facts { margin-top: .75rem; }
h3 { font-size: 1.05rem; margin-top: 2rem; margin-bottom: .6rem; }
h4 { font-size: .95rem; margin-top: 1rem; margin-bottom: .3rem; }
p { margin: .4rem 0; }
ul, ol { margin: .4rem 0; padding-left: 1.4rem; }
li + li { margin-top: .25rem; }
a { color: var(--link); text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
pre { margin: .4rem 0; padding: .75rem; background: var(--sunken); border: 1px solid var(--line); border-radius: .4rem; white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .2rem; }
.muted { color: var(--soft); font-size: .9rem; }
.plain { list-style: none; padding: 0; margin: 0; }
.for-ears { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--surface); z-index: 1; }
.skip:focus { top: .5rem; }
footer { padding-bottom: 2rem; }`;

const results = `
.passed { --own: var(--passed); --own-ground: var(--passed-ground); }
.failed { --own: var(--failed); --own-ground: var(--failed-ground); }
.error { --own: var(--error); --own-ground: var(--error-ground); }
.partial { --own: var(--partial); --own-ground: var(--partial-ground); }
.skipped { --own: var(--skipped); --own-ground: var(--skipped-ground); }
header.result { background: var(--surface); border-top: .35rem solid var(--own); border-bottom: 1px solid var(--line); padding-block: 1.75rem 1.5rem; }
.result-line { display: flex; align-items: center; gap: 1.1rem; margin-bottom: 1.25rem; }
.result-line p { margin: .15rem 0 0; color: var(--soft); }
.result-line h1 { color: var(--own); }
.padlock { flex: none; width: 3.4rem; height: auto; color: var(--own); }
.padlock .shackle { fill: none; stroke: currentColor; stroke-width: 4; stroke-linecap: round; }
.padlock .body { fill: currentColor; }
.padlock .keyhole { fill: var(--surface); }
.badge { display: inline-flex; align-items: center; gap: .3rem; flex: none; padding: .1rem .55rem .1rem .45rem; border-radius: 1rem; background: var(--own-ground); color: var(--own); font-size: .85rem; font-weight: 600; line-height: 1.4; white-space: nowrap; vertical-align: middle; letter-spacing: 0; max-width: 100%; overflow: hidden; }
.badge path { fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }`;

const blocks = `
.card { background: var(--surface); border: 1px solid var(--line); border-radius: .6rem; padding: 1.25rem; margin-block: 1.25rem; }
.card-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.card.failed, .card.error { border-left: .3rem solid var(--own); }
.failure { margin-block: .75rem; padding-block: 1rem; }
.failure h3 { margin: 0 0 .3rem; }
.why { color: var(--soft); margin-block: .25rem 1rem; }
.why::first-letter { text-transform: uppercase; }
.verdict { font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .6rem 1.5rem; margin: 0; }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { margin: 0; }
.diagnosis, .ended-early { margin-top: 1rem; padding: 1rem; background: var(--sunken); border-radius: .4rem; }
.diagnosis h3 { margin-top: 0; }
.diagnosis > :last-child, .ended-early > :last-child { margin-bottom: 0; }
.ended-early > :first-child { margin-top: 0; }
.ended-early pre { background: var(--surface); }
summary { cursor: pointer; padding: .45rem 0; font-weight: 600; }
summary .muted { font-weight: 400; }
summary h3 { display: inline; margin: 0; font-size: 1rem; }
details details { margin-left: 1rem; }
main > section:not(.card) + section:not(.card) { margin-top: 2rem; }
.seen { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .4rem; }
.seen > h3:first-of-type { margin-top: 1rem; }
.back { margin-bottom: 0; font-size: .9rem; }
nav { margin-block: 1.75rem; }
nav ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .6rem; margin-block: .75rem; }
nav li + li { margin-top: 0; }
nav li a { display: flex; flex-wrap: wrap; align-items: center; align-content: start; gap: .25rem .6rem; height: 100%; padding: .7rem .9rem; background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; text-decoration: none; }
nav li a:hover .nav-title { text-decoration: underline; }
.nav-title { flex-basis: 100%; font-weight: 600; }
.checks { list-style: none; padding: 0; }
.checks li { display: grid; grid-template-columns: 5.5rem 1fr; align-items: start; gap: .25rem 1rem; padding: .65rem 0; margin: 0; border-top: 1px solid var(--line); }
.checks li:first-child { border-top: 0; }
.checks li.failed { background: var(--failed-ground); margin-inline: -.75rem; padding-inline: .75rem; border-radius: .4rem; border-top-color: transparent; }
.checks li.failed .muted { color: var(--ink); }
.checks p { margin: 0; }
.checks .badge { justify-self: start; }
.checks li.failed .badge { background: var(--surface); }`;

const tables = `
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-top: 1px solid var(--line); min-width: 9rem; font-weight: 400; }
thead th { border-top: 0; color: var(--soft); font-size: .82rem; background: var(--sunken); white-space: nowrap; }
.number, .narrow { min-width: 0; white-space: nowrap; }
.number { font-variant-numeric: tabular-nums; }
.version { min-width: 8rem; }
.record { min-width: 17rem; }
th.share, td.share { width: 30%; }
.share svg { display: block; margin-top: .35rem; }
.log { max-height: 26rem; overflow: auto; }
.log span { display: block; padding-left: 1.2rem; text-indent: -1.2rem; }`;

const drawings = `
.waterfall { margin: 0; }
.waterfall .scroll { background: var(--surface); }
figcaption { color: var(--soft); font-size: .85rem; margin-top: .4rem; }
.chart { display: block; min-width: 40rem; }
svg text { font-size: 12px; fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); stroke-width: 1; }
.lane-edge { stroke: var(--gap); stroke-width: 1; }
.lane.cert-manager { --own: var(--cert-manager); } .lane.cluster { --own: var(--cluster); } .lane.gateway { --own: var(--gateway); }
.lane.ca { --own: var(--ca); } .lane.client { --own: var(--client); }
svg .lane-title { font-weight: 600; fill: var(--own); }
.moment { fill: var(--own); stroke: var(--surface); stroke-width: 1.5; }
.bar { fill: var(--own); opacity: .75; }
svg .label, svg .lane-title, svg .tick { paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
rect.gap { fill: var(--gap-ground); stroke: var(--gap); stroke-width: 1; stroke-dasharray: 3 3; }
circle.gap-number { fill: var(--soft); }
svg text.gap-number { fill: var(--surface); font-weight: 600; }
.series { fill: none; stroke: var(--own); stroke-width: 2; stroke-linejoin: round; }
.track { fill: var(--gap-ground); }
.life { fill: var(--cert-manager); }
.chain { list-style: none; padding: 0; margin: .75rem 0 0; }
.chain li { position: relative; margin: 0; padding: 0 0 1.5rem 1.75rem; border-left: 2px solid var(--gap); margin-left: .45rem; }
.chain li:last-child { border-left-color: transparent; padding-bottom: 0; }
.chain li::before { content: ""; position: absolute; left: -.5rem; top: .35rem; width: .9rem; height: .9rem; border-radius: 50%; border: 3px solid var(--cert-manager); background: var(--surface); }
.chain li.root::before { background: var(--cert-manager); }
.link-title { margin: 0 0 .3rem; }
.role { color: var(--soft); }
.lifetime { display: block; margin-bottom: .5rem; overflow: visible; }
.browser { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem; align-items: start; }
.picture { margin: 0; }
.picture img { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: .4rem; }`;

const phone = `
@media (min-width: 40.01rem) { time { white-space: nowrap; } }
@media (max-width: 40rem) {
  h1 { font-size: 1.5rem; }
  .padlock { width: 2.75rem; }
  .card { padding: 1rem; }
  .wide-only { display: none; }
  .checks li { grid-template-columns: 1fr; }
  .chain li { padding-left: 1.25rem; }
  .facts { gap: .4rem; }
  .facts > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; align-items: baseline; }
}`;

const print = `
@media print {
  :root { color-scheme: light; }
  body { background: none; font-size: 10pt; }
  .badge { border: 1px solid; }
  .card { break-inside: auto; border-color: #999; }
  .screen-only { display: none; }
  .skip, .back, nav { display: none; }
  .scroll, .log { overflow: visible; max-height: none; }
  .chart { min-width: 0; }
  table { font-size: 8pt; }
  th, td, .record, .version { min-width: 0; padding: .25rem .4rem; }
  h2, h3, h4 { break-after: avoid; }
  tr, .checks li, .chain li, figure { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }`;

/** All of the page's style: system fonts, one restrained palette in light and in dark, and nothing that is loaded. */
export const styleSheet = [colours, page, results, blocks, tables, drawings, phone, print].join('\n');

/** As a Content Security Policy names the style sheet (CSP level 3, section 2.3.1: hash-source). */
export const styleSheetHash = `sha256-${createHash('sha256').update(styleSheet).digest('base64')}`;
